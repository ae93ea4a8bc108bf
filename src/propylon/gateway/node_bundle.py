"""What a node on another machine is given when it is enrolled, as one JSON text. It holds a private key."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from urllib.parse import urlsplit

# The control plane's name in its certificate. Nodes ask for it whatever address leads there: no other certificate of
# the same authority has it, and an address may change without a new certificate.
CONTROL_PLANE_NAME = "control-plane.propylon.internal"


@dataclass(frozen=True, slots=True)
class NodeBundle:
    """Certificates and keys are PEM; times are ISO 8601 in UTC.

    `ca_pem` is what the control plane is verified against. The server certificate, with its chain, is for the node's
    listeners; empty: the operator gives the node files of its own.
    """

    node: str
    control_plane: str  # "host:port"
    ca_pem: str
    certificate_pem: str
    private_key_pem: str
    ends_at: str
    renew_after: str
    server_certificate_pem: str = ""
    server_key_pem: str = ""

    def as_text(self) -> str:
        return json.dumps(asdict(self), indent=1) + "\n"


def read_bundle(text: str) -> NodeBundle:
    """Raises ValueError for what is no bundle."""
    found = json.loads(text)
    names = {field.name for field in fields(NodeBundle)}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("a bundle is an object of texts")
    try:
        bundle = NodeBundle(**{name: value for name, value in found.items() if name in names})
    except TypeError as error:
        raise ValueError(str(error)) from error
    host_and_port(bundle.control_plane)
    return bundle


def host_and_port(text: str) -> tuple[str, int]:
    """Of "host:port" or "[address]:port". Raises ValueError."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or not parts.port or parts.path or parts.username:
        raise ValueError(f"{text!r} is no host:port")
    return parts.hostname, parts.port
