"""The style of the download page. It stands in the page itself, and its hash in the page's policy."""

STYLE = """
:root { color-scheme: light dark; --ink: #16211b; --soft: #5b6a61; --paper: #f4f6f4; --card: #fff; --line: #d5dcd7;
  --accent: #1c6b43; --alarm: #9b2226; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eeea; --soft: #a3b0a8; --paper: #111713; --card: #1a221d;
  --line: #334039; --accent: #58b985; --alarm: #ff8f8f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 38rem; margin: 0 auto; padding: 1.5rem 2rem 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
fieldset { margin: 1.25rem 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
legend { padding: 0 .5rem; font-weight: 600; }
fieldset label { display: flex; gap: .6rem; padding: .35rem 0; }
small, .soft { color: var(--soft); }
small { display: block; }
.field { display: block; font-weight: 600; }
input[type=password] { display: block; width: 100%; margin: .25rem 0; padding: .6rem .75rem; font: inherit;
  color: inherit; background: transparent; border: 1px solid var(--soft); border-radius: .4rem; }
button { margin-top: 1rem; padding: .7rem 1.4rem; font: inherit; font-weight: 600; color: var(--card);
  background: var(--accent); border: 0; border-radius: .4rem; cursor: pointer; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.alarm { margin: 1rem 0; padding: .75rem 1rem; border-left: 4px solid var(--alarm); background: var(--paper); }
.alarm ul { margin: .25rem 0 0; padding-left: 1.2rem; }
code { font-size: .9em; overflow-wrap: anywhere; }
"""
