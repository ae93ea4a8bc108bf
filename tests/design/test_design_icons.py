"""Every icon that a template names is in the installed set: a missing one would be a 500 for whoever opens the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lucide.templatetags.lucide import lucide

import propylon

_SOURCE = Path(propylon.__file__).parent
_NAMED = re.compile(r"{%\s*icon\s+[\"']([a-z0-9-]+)[\"']|empty_icon=[\"']([a-z0-9-]+)[\"']")


def named_icons() -> list[tuple[str, str]]:
    return sorted(
        {
            (first or second, str(path.relative_to(_SOURCE)))
            for path in _SOURCE.rglob("*.html")
            for first, second in _NAMED.findall(path.read_text())
        }
    )


@pytest.mark.parametrize(("name", "template"), named_icons())
def test_an_icon_that_a_template_names_exists(name: str, template: str) -> None:
    assert "<svg" in lucide(name)
