"""The judge itself: what it must notice, and that people can use pages through it."""

from __future__ import annotations

import re

import pytest

from browser.person import People


def test_a_visit_is_counted_and_measured(people: People) -> None:
    visitor = people.visitor()
    visitor.goes_to("/")
    visit = visitor.watch.visit
    assert visit.status == 200
    assert visit.server_ms > 0
    assert visit.size > 0
    first = visit.size
    visitor.goes_to("/")
    assert visitor.watch.visit.size == pytest.approx(first, abs=2000), "what the cache has counts, too"


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("console.error('seen')", "console: seen"),
        ("setTimeout(() => { throw new Error('seen') })", "script error: seen"),
        ("setTimeout(() => alert(1))", "opened a dialog"),
        ("document.body.style.setProperty('width', '5000px')", "scrolls sideways"),
        ("fetch('https://other.example/')", "Content Security Policy"),
        ("location.href = 'https://other.example/'", "asks another host"),
        ("{ const i = new Image(); i.src = '/no-such-image.png'; document.body.append(i) }", "404 for"),
        ("document.body.setAttribute('onclick', 'x()')", "Content Security Policy"),
    ],
)
def test_the_judge_notices(people: People, script: str, problem: str) -> None:
    visitor = people.visitor()
    visitor.goes_to("/")
    visitor.page.evaluate(f"() => {{ {script} }}")
    visitor.watch.settle()
    with pytest.raises(AssertionError, match=re.escape(problem)):
        visitor.watch.judge()


def test_axe_finds_what_is_wrong(people: People) -> None:
    visitor = people.visitor()
    visitor.goes_to("/")
    visitor.page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    with pytest.raises(AssertionError, match="label"):
        visitor.is_accessible()


def test_pages_work_without_scripts(people: People) -> None:
    visitor = people.visitor(javascript=False)
    visitor.goes_to("/")
    assert visitor.page.evaluate("() => document.querySelector('h1').textContent")
