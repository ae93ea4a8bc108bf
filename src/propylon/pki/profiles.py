"""What each kind of certificate looks like, as data (RFC 5280 sections 4.1 and 4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID


@dataclass(frozen=True, slots=True)
class Profile:
    """`path_length` is set for authorities only; `has_names` tells whether subject alternative names belong in it."""

    name: str
    lifetime: timedelta
    key_usages: frozenset[str]  # names of cryptography's x509.KeyUsage
    extended_key_usages: tuple[ObjectIdentifier, ...] = ()
    path_length: int | None = None
    has_names: bool = False
    is_qualified: bool = False  # it carries QCStatements with the roles of a payment service provider (PSD2)

    @property
    def is_authority(self) -> bool:
        return self.path_length is not None


_AUTHORITY_USAGES = frozenset({"key_cert_sign", "crl_sign"})
# Every cipher suite that the gateway offers agrees on keys by ECDHE: a signature is all that a leaf's key does.
_LEAF_USAGES = frozenset({"digital_signature"})

ROOT = Profile("root", timedelta(days=20 * 365), _AUTHORITY_USAGES, path_length=1)
ISSUING = Profile("issuing", timedelta(days=10 * 365), _AUTHORITY_USAGES, path_length=0)
# Browsers refuse server certificates that are valid for longer than 398 days.
SERVER = Profile("server", timedelta(days=397), _LEAF_USAGES, (ExtendedKeyUsageOID.SERVER_AUTH,), has_names=True)
# FEATURES C4: an identity certificate is valid for two years.
CLIENT = Profile("client", timedelta(days=730), _LEAF_USAGES, (ExtendedKeyUsageOID.CLIENT_AUTH,))
# The same identity in the shape of a qualified website certificate (ETSI TS 119 495), for sandboxes alone: it names no
# server, so it is for clients only. A program that holds it must live with its renewal: its life is short.
TEST_QWAC = Profile(
    "test qwac", timedelta(days=90), _LEAF_USAGES, (ExtendedKeyUsageOID.CLIENT_AUTH,), is_qualified=True
)
# The same identity for the portal's call console, whose key lives in one process's memory (decision record 0010).
CONSOLE = Profile("console", timedelta(hours=1), _LEAF_USAGES, (ExtendedKeyUsageOID.CLIENT_AUTH,))
# Gateway nodes and the control plane have an authority of their own, which nobody else trusts: a partner's identity
# certificate is no node's, whatever its name, and a node's opens no partner's door. A node renews its own by itself.
NODES = Profile("nodes", timedelta(days=20 * 365), _AUTHORITY_USAGES, path_length=0)
NODE = Profile("node", timedelta(days=90), _LEAF_USAGES, (ExtendedKeyUsageOID.CLIENT_AUTH,))
CONTROL_PLANE = Profile(
    "control plane", timedelta(days=397), _LEAF_USAGES, (ExtendedKeyUsageOID.SERVER_AUTH,), has_names=True
)
