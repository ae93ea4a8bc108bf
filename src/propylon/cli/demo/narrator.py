"""Tells the journey: a heading per step, what was sent, what came back, the RequestTrackingId."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from propylon.cli.demo.http_session import Answer

_LONGEST_BODY = 220


class StepFailedError(Exception):
    """A step did not do what it says."""


class Narrator:
    """Counts the steps and remembers whether each did what it says."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.done = 0
        self.failed: list[str] = []

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        number = self.done + len(self.failed) + 1
        self._print(f"\n[bold]{number}. {title}[/bold]")
        try:
            yield
        except StepFailedError as failure:
            self.failed.append(title)
            self._print(f"   [red]✗ {failure}[/red]")
            raise
        self.done += 1

    def _print(self, text: str, *, style: str = "", markup: bool = True) -> None:
        """Lines stay whole: a tracking id that is broken in two can't be copied."""
        self._console.print(text, style=style, markup=markup, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        self._print(f"   {text}")

    def show(self, answer: Answer, note: str = "") -> None:
        """One exchange: request line, status, beginning of the body, tracking id."""
        self._print(f"   → {answer.method} {answer.url}", markup=False, style="cyan")
        body = answer.body.decode(errors="replace") if _is_text(answer) else f"({len(answer.body)} bytes)"
        shown = body if len(body) <= _LONGEST_BODY else body[:_LONGEST_BODY] + " …"
        colour = "green" if answer.status < 400 else "yellow"
        line = f"   ← {answer.status} in {answer.milliseconds:.0f} ms  RequestTrackingId {answer.tracking_id}"
        self._print(line, style=colour, markup=False)
        if shown.strip():
            self._print(f"     {shown}", style="dim", markup=False)
        if note:
            self.say(note)

    def expect(self, condition: bool, what: str) -> None:
        """Say what was checked; stop the journey when it is not so."""
        if not condition:
            raise StepFailedError(what)
        self._print(f"   [green]✓[/green] {what}")

    def expect_quietly(self, condition: bool, what: str) -> None:
        """As `expect`, but says nothing when all is well: for what is checked many times."""
        if not condition:
            raise StepFailedError(what)


def _is_text(answer: Answer) -> bool:
    kind = answer.headers.get("content-type", "")
    return kind.startswith(("text/", "application/json", "application/problem+json"))
