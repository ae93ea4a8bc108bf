"""An inspection as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from propylon.design.refusal_words import in_words

_TONES = {"error": ("bad", "circle-alert"), "warning": ("wait", "triangle-alert"), "note": ("", "info")}


class Shown:
    """Of Inspection.as_dict."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.told = told
        self.files: list[dict[str, str]] = told["files"]
        self.chain = [
            (each["common_name"] or each["subject"], _moment(each["validity"]["not_after"])) for each in told["chain"]
        ]

    @property
    def common_name(self) -> str:
        return str(self.told.get("common_name") or self.told.get("subject") or "")

    @property
    def has_certificate(self) -> bool:
        return "subject" in self.told

    def facts(self) -> Iterator[tuple[str, str]]:
        """What is text; times are shown by the template."""
        told = self.told
        yield _("Subject"), told["subject"]
        yield _("Issuer"), told["issuer"]
        yield _("Serial number"), told["serial"]
        yield _("Key"), ", ".join(part for part in (told["key"]["algorithm"], told["key"]["detail"]) if part)
        yield _("Private key"), self._where_the_key_is()
        yield _("Signed with"), told["signature"]
        yield _("Usages"), ", ".join(told["usages"]) or _("not said")
        if told["names"]:
            yield _("Alternative names"), f"{', '.join(told['names'])} ({told['name_count']})"
        if psd2 := told["psd2"]:
            yield _("Roles (PSD2)"), ", ".join(psd2["roles"]) or _("none")
            yield _("Competent authority"), f"{psd2['nca_name']} ({psd2['nca_id']})"
            yield _("Organization"), psd2["organization_identifier"] or _("not said")
        yield _("Fingerprint (SHA-256)"), told["fingerprint_sha256"]

    @property
    def valid_from(self) -> datetime | None:
        return _moment(self.told["validity"]["not_before"])

    @property
    def valid_until(self) -> datetime | None:
        return _moment(self.told["validity"]["not_after"])

    def findings(self) -> Iterator[dict[str, str]]:
        for each in self.told["findings"]:
            tone, icon = _TONES[each["severity"]]
            yield {
                "tone": tone,
                "icon": icon,
                "code": each["code"],
                "sentence": in_words(each["sentence"]),
                "next_step": in_words(each["next_step"]),
            }

    def _where_the_key_is(self) -> str:
        key = self.told["key"]
        if not key["is_private"]:
            return _("not among these files")
        return _("here, encrypted") if key.get("was_encrypted") else _("here, not encrypted")


def _moment(text: str) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if text else None
