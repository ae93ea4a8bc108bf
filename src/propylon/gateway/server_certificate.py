"""The gateway's own certificate, as a resource that each node makes for itself: its private key never travels."""

from __future__ import annotations

from propylon.gateway.resources import secret
from propylon.gateway.snapshot import Resource


def server_certificate_resource(certificate_pem: str, private_key_pem: str) -> Resource:
    """Kind "server". `certificate_pem` is the leaf followed by its chain."""
    return secret(
        "server",
        tls_certificate={
            "certificate_chain": {"inline_string": certificate_pem},
            "private_key": {"inline_string": private_key_pem},
        },
    )
