"""axe-core on an open page, WCAG 2.2 AA and its good practice. It runs beside the page's own scripts, past our CSP."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = ["color-contrast", "target-size"]  # what a theme or a size can change


def violations(page: Page, *, looks_only: bool = False) -> list[str]:
    """What axe finds, each as one sentence with the elements it is about."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE_SCRIPT} }} }}")
    chosen = {"type": "rule", "values": LOOKS} if looks_only else {"type": "tag", "values": WCAG}
    rules = {"target-size": {"enabled": True}}
    options = {"runOnly": chosen, "resultTypes": ["violations"]} | ({} if looks_only else {"rules": rules})
    found: list[dict[str, Any]] = page.evaluate("(options) => axe.run(options).then(r => r.violations)", options)
    return [_told(each) for each in found]


def _told(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    where = "; ".join(f"{node['html'][:160]} ({_why(node)})" for node in nodes[:3])
    return f"{violation['id']}, {len(nodes)} times: {violation['help']}: {where}"


def _why(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return " / ".join(each["message"] for each in checks)[:200]
