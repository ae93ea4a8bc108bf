"""Terms and privacy policy: the operator's own files, else texts that say that they are placeholders (FEATURES P7).

The operator's lie in `PROPYLON_HOME/pages/terms.md` and `privacy.md`, in Markdown. A version is the text's hash, so
that an acceptance names the very words that were accepted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from django.conf import settings

_LONGEST = 200_000  # bytes


@dataclass(frozen=True, slots=True)
class LegalText:
    """`version` is 12 hexadecimal digits; `text` is Markdown; `is_placeholder` until the operator writes one."""

    version: str
    text: str
    is_placeholder: bool


def current_terms() -> LegalText:
    return _text("terms")


def current_privacy() -> LegalText:
    return _text("privacy")


def _text(name: str) -> LegalText:
    try:
        with (settings.PROPYLON_HOME.root / "pages" / f"{name}.md").open("rb") as file:
            text, is_placeholder = file.read(_LONGEST).decode(errors="replace"), False
    except OSError:
        text = files("propylon.accounts.legal").joinpath(f"{name}.md").read_text(encoding="utf-8")
        is_placeholder = True
    return LegalText(hashlib.sha256(text.encode()).hexdigest()[:12], text, is_placeholder)
