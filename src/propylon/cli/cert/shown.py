"""An inspection as a person reads it on a terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from propylon.toolkit.facts import CertificateFacts
    from propylon.toolkit.findings import Finding
    from propylon.toolkit.inspection import Inspection

_COLOURS = {"error": "red", "warning": "yellow", "note": "blue"}
_WIDTH = 100


def tell_inspection(found: Inspection) -> None:
    for file in found.contents.files:
        encrypted = f", encrypted with {file.encryption}" if file.encryption else ""
        holds = "" if file.format.startswith("PEM text with") else f": {file.holds()}"
        click.echo(f"{file.name}: {file.format}{encrypted}{holds}" if file.is_read else f"{file.name}: {file.format}")
    if found.leaf:
        _heading("Certificate")
        _rows(_of_certificate(found.leaf))
    if found.issuers:
        _heading("Chain")
        _rows((str(number), f"{each.label}, until {_day(each)}") for number, each in enumerate(found.issuers, 1))
    if found.others:
        _heading("Other certificates")
        _rows(("", f"{each.label}, until {_day(each)}") for each in found.others[:20])
    if found.keys and not (found.leaf and found.leaf.key.is_private):
        _heading("Private keys")
        _rows(("", str(key)) for key in found.keys)
    for request in found.requests:
        _heading("Signing request")
        key = request["key"]
        _rows((("subject", request["subject"]), ("key", f"{key['algorithm']}, {key['detail']}")))
    tell_findings(found.findings)


def tell_findings(findings: Iterable[Finding]) -> None:
    listed = list(findings)
    if not listed:
        click.echo("\nNothing speaks against it.")
        return
    _heading("Findings")
    for each in listed:
        word = f"{each.severity:<9}"
        lines = _wrapped(each.sentence, 12)
        click.echo(f"  {click.style(word, fg=_COLOURS[each.severity])} {lines[0]}")
        for line in lines[1:]:
            click.echo(f"{'':12}{line}")
        for number, line in enumerate(_wrapped(each.next_step, 14)):
            click.echo(f"{'':12}{'→ ' if number == 0 else '  '}{line}")


def tell_rows(title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Names of any length, each above its value where they do not fit on one line."""
    _heading(title)
    for name, value in rows:
        lines = _wrapped(f"{name}: {value}", 4)
        click.echo("\n".join([f"  {lines[0]}", *(f"    {line}" for line in lines[1:])]))


def _of_certificate(facts: CertificateFacts) -> Iterator[tuple[str, str]]:
    from propylon.toolkit.findings import printable

    yield "common name", printable(facts.common_name) or "none"
    yield "subject", printable(facts.subject)
    yield "issuer", printable(facts.issuer)
    yield "serial", facts.serial
    yield "valid", f"{_moment(facts.not_before)} to {_moment(facts.not_after)}"
    yield "key", f"{facts.key}; {_where_the_key_is(facts)}"
    yield "signed with", facts.signature
    yield "usages", ", ".join(facts.usages) or "not said"
    if facts.names:
        more = f" and {facts.name_count - len(facts.names)} more" if facts.name_count > len(facts.names) else ""
        yield "names", ", ".join(facts.names) + more
    qualification = facts.qualification
    if qualification:
        organization = qualification.organization_identifier
        yield "PSD2 roles", ", ".join(qualification.roles) or "none"
        yield "authority", printable(f"{qualification.nca_name} ({qualification.nca_id})")
        yield "organization", printable(organization.text) if organization else "not said"
        yield "qualified for", ", ".join(qualification.types) or "not said"
    yield "fingerprint", f"{facts.fingerprint} (SHA-256)"


def _where_the_key_is(facts: CertificateFacts) -> str:
    if not facts.key.is_private:
        return "the private key is not here"
    return "the private key is here, encrypted" if facts.key.was_encrypted else "the private key is here, not encrypted"


def _heading(text: str) -> None:
    click.echo(f"\n{click.style(text, bold=True)}")


def _rows(rows: Iterable[tuple[str, str]]) -> None:
    for name, value in rows:
        lines = _wrapped(value, 17)
        click.echo(f"  {name:<14} {lines[0]}")
        for line in lines[1:]:
            click.echo(f"{'':17}{line}")


def _wrapped(text: str, indent: int) -> list[str]:
    width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH) - indent
    return textwrap.wrap(text, max(width, 30), break_long_words=True, break_on_hyphens=False) or [""]


def _moment(when: object) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else "not readable"


def _day(facts: CertificateFacts) -> str:
    return f"{facts.not_after:%Y-%m-%d}" if facts.not_after else "an unreadable day"
