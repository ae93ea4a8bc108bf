"""Who did it: the value that every action takes and the audit log stores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind` is user, customer, client or system; `identifier` a public id; `label` what a person reads."""

    kind: str
    identifier: str
    label: str


SYSTEM = Actor("system", "system", "Propylon")
