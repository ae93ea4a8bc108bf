// Makes pages better where scripts run; every page works without. No page-specific code belongs here.
"use strict";

// Copy buttons are in the page but hidden: without a script they could not copy.
function enliven(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
  }
  for (const group of root.querySelectorAll("[data-tabs]:not([data-tabs-ready])")) {
    makeTabs(group);
  }
}

async function copy(button) {
  const source = button.dataset.copy ? document.getElementById(button.dataset.copy) : button.closest("[data-copy-scope]");
  const text = button.dataset.copyText ?? source?.querySelector("code, output")?.textContent ?? source?.textContent ?? "";
  const status = document.getElementById("announcements");
  try {
    await navigator.clipboard.writeText(text);
    button.dataset.done = "";
    if (status) status.textContent = button.dataset.copied ?? "";
  } catch {
    const range = document.createRange();
    if (source) {
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
  }
  setTimeout(() => { delete button.dataset.done; if (status) status.textContent = ""; }, 2000);
}

// Sections that stand below one another become tabs; the choice holds for all groups of one name, on every page.
function makeTabs(group) {
  group.dataset.tabsReady = "";
  const panels = [...group.querySelectorAll(":scope > [data-tab]")];
  const list = document.createElement("div");
  list.className = "tabbed__list";
  list.setAttribute("role", "tablist");
  if (group.dataset.tabsLabel) list.setAttribute("aria-label", group.dataset.tabsLabel);
  const tabs = panels.map((panel, index) => {
    const tab = document.createElement("button");
    const id = `${group.id || group.dataset.tabs}-${index}`;
    tab.type = "button";
    tab.id = `tab-${id}`;
    tab.textContent = panel.dataset.tab;
    tab.setAttribute("role", "tab");
    panel.id ||= `panel-${id}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    tab.setAttribute("aria-controls", panel.id);
    panel.querySelector("[data-tab-heading]")?.classList.add("visually-hidden"); // the tab shows it; the outline needs it
    list.append(tab);
    return tab;
  });
  const choose = (index, focus) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
      panels[at].hidden = at !== index;
    });
    if (focus) tabs[index].focus();
  };
  const choosing = (index, focus) => {
    choose(index, focus);
    try { localStorage.setItem(`tabs.${group.dataset.tabs}`, panels[index].dataset.tab); } catch { /* storage is off */ }
  };
  list.addEventListener("click", (event) => { const at = tabs.indexOf(event.target); if (at >= 0) choosing(at, false); });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at >= 0 && to !== undefined) { event.preventDefault(); choosing((to + tabs.length) % tabs.length, true); }
  });
  group.prepend(list);
  let stored = null;
  try { stored = localStorage.getItem(`tabs.${group.dataset.tabs}`); } catch { /* storage is off */ }
  choose(Math.max(0, panels.findIndex((panel) => panel.dataset.tab === stored)), false);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A second press while the first is under way would send the form twice. The button stays in the form's data:
// it is switched off only after the browser has collected them.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("data-again")) return;
  if (form.dataset.sent !== undefined) { event.preventDefault(); return; }
  form.dataset.sent = "";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// Selects that only filter or switch need no button; the button stays for those without scripts.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

// What must not stay on a screen that somebody else may come back to: gone as soon as the page is left.
// Its entry in the history is replaced, so that coming back asks for the page anew instead of sending the form again.
if (document.querySelector("[data-forget]")) history.replaceState(null, "", location.href);
addEventListener("pagehide", () => { for (const secret of document.querySelectorAll("[data-forget]")) secret.replaceChildren("••••"); });

// On a narrow screen the row of tabs begins where one is.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft += tab.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - tab.clientWidth) / 2;
}

document.addEventListener("htmx:load", (event) => enliven(event.target));
enliven(document);

// On a narrow screen the navigation of a section would push the page itself out of sight.
if (matchMedia("(max-width: 52rem)").matches) {
  for (const fold of document.querySelectorAll("details.side-fold[open]")) fold.open = false;
}
