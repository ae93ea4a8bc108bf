"""What nobody well-meaning types, what makes the rest of a form right, and what an answer to it must never be."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx

from browser.forms import Field, Form

MARK = "alert(7057)"
SCRIPTS = {
    "script": f"<script>{MARK}</script>",
    "attribute": f"\"'><img src=x onerror={MARK}>",
    "address": f"javascript:{MARK}//https://x.example/",
}
HOSTILE = {
    **SCRIPTS,
    "template": "{{7*7907}}${7*7907}{% now 'Y' %}",
    "right to left": "\u202egpj.exe\u202c \u2066",
    "nul": "a\x00b",
    "lines": "x\r\nSet-Cookie: evil=1\r\n\r\n<p>",
    "emoji": "👩\u200d👩\u200d👧 🏦 " + "e\u0301" * 20,
    "surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace") + "\ufffe",
}
LONG = "A" * 1_000_000
ELSEWHERE = ("https://evil.example/", "//evil.example/", "/\\evil.example/", "https:evil.example", "\t//evil.example/")
RAW = re.compile(
    r"<script>alert\(7057\)|<img src=x onerror=alert\(7057\)|\bhref=.javascript:alert|(?<![0-9a-f])55349(?![0-9a-f])"
)

# What a field of this name holds when another field of its form is the hostile one.
GOOD_VALUES: Mapping[str, str] = {
    "name": "Harmless",
    "title": "Harmless",
    "email": "someone@nordlicht.example",
    "contact_email": "someone@nordlicht.example",
    "organization_name": "Harmless Ltd",
    "organization": "Harmless Ltd",
    "redirect_uris": "https://localhost/callback",
    "reason": "because",
    "password": "three quiet harbours",
}
# The address ends the session that the test goes on with: sent by no test.
NEVER_SENT = frozenset({"account_logout"})
# These end somebody's session, role or membership: sent after everything else.
SENT_LAST = frozenset(
    {
        "console_applications:deletion",
        "console_people:change_role",
        "console_people:remove_member",
        "console_people:switch",
        "portal_account:end_other_sessions",
        "portal_account:end_session",
        "portal_account:member",
        "portal_account:remove",
    }
)


def good_data(form: Form) -> dict[str, str | list[str]]:
    """As a person fills it in who means well: what is in it, else what GOOD_VALUES knows, else the first choice."""
    data = form.data()
    for each in form.fields:
        if each.takes_text and not data.get(each.name):
            data[each.name] = GOOD_VALUES.get(each.name, "1" if each.kind == "number" else "Harmless")
        if each.kind in {"radio", "select"} and not data.get(each.name):
            data[each.name] = next((value for value in (*each.options, each.value) if value), "")
    for name, value in form.buttons[:1]:
        if name:
            data[name] = value
    return data


def is_ours(field: Field) -> bool:
    return field.name == "csrfmiddlewaretoken" or field.kind in {"file", "checkbox"}


def wrong_with(answer: httpx.Response) -> str:
    """Nothing, or what this answer should not have been."""
    if answer.status_code >= 500:
        return f"{answer.status_code} {answer.text[:200]}"
    if "evil" in answer.headers.get("Set-Cookie", ""):
        return "a header was smuggled in"
    if "evil.example" in answer.headers.get("Location", "").partition("?")[0]:
        return f"leads elsewhere: {answer.headers['Location']}"
    is_page = "text/html" in answer.headers.get("Content-Type", "")
    return unescaped(answer.text) if is_page else ""


def unescaped(text: str) -> str:
    """Where HTML holds what was typed as it was typed."""
    found = RAW.search(text)
    return f"unescaped: …{text[max(0, found.start() - 80) : found.end() + 20]}…" if found else ""
