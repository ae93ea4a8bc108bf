"""QCStatements as ASN.1 (RFC 3739, 3.2.6; ETSI EN 319 412-5, 4; PSD2: ETSI TS 119 495, 5.1): shapes, making."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from asn1crypto import core

QC_STATEMENTS = "1.3.6.1.5.5.7.1.3"  # the extension
QC_COMPLIANCE = "0.4.0.1862.1.1"
QC_TYPE = "0.4.0.1862.1.6"
QC_PDS = "0.4.0.1862.1.5"
PSD2 = "0.4.0.19495.2"
ORGANIZATION_IDENTIFIER = "2.5.4.97"

TYPES: Mapping[str, str] = MappingProxyType(
    {"0.4.0.1862.1.6.1": "sign", "0.4.0.1862.1.6.2": "seal", "0.4.0.1862.1.6.3": "web"}
)
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "0.4.0.19495.1.1": "PSP_AS",  # account servicing
        "0.4.0.19495.1.2": "PSP_PI",  # payment initiation
        "0.4.0.19495.1.3": "PSP_AI",  # account information
        "0.4.0.19495.1.4": "PSP_IC",  # issuing of card-based payment instruments
    }
)
ROLE_NAMES = tuple(ROLES.values())


class RoleOfPsp(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types
    _fields: ClassVar = [("oid", core.ObjectIdentifier), ("name", core.UTF8String)]


class RolesOfPsp(core.SequenceOf):  # type: ignore[misc]
    _child_spec = RoleOfPsp


class Psd2Info(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("roles", RolesOfPsp), ("nca_name", core.UTF8String), ("nca_id", core.UTF8String)]


class TypesInfo(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.ObjectIdentifier


class Statement(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("id", core.ObjectIdentifier), ("info", core.Any, {"optional": True})]


class Statements(core.SequenceOf):  # type: ignore[misc]
    _child_spec = Statement


@dataclass(frozen=True, slots=True)
class QcWords:
    """What a certificate is to say of its holder. `roles` are of ROLE_NAMES, `nca_id` is "SE-FINA"."""

    roles: tuple[str, ...]
    nca_name: str
    nca_id: str


def statements_der(words: QcWords) -> bytes:
    """The extension's value for a website certificate (QWAC): compliance, type, PSD2 statement."""
    oids = {name: oid for oid, name in ROLES.items()}
    roles = [{"oid": oids[name], "name": name} for name in ROLE_NAMES if name in words.roles]
    web = next(oid for oid, name in TYPES.items() if name == "web")
    psd2 = Psd2Info({"roles": roles, "nca_name": words.nca_name, "nca_id": words.nca_id})
    statements = Statements(
        [
            {"id": QC_COMPLIANCE},
            {"id": QC_TYPE, "info": core.Any(TypesInfo([web]))},
            {"id": PSD2, "info": core.Any(psd2)},
        ]
    )
    der: bytes = statements.dump()
    return der
