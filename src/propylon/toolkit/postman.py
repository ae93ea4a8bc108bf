"""What to enter in Postman, and what to switch off there (FEATURES P8): most failed calls are one of these lines."""

from __future__ import annotations

from collections.abc import Iterator

from propylon.kernel.certificate_files import CERTIFICATE_FILE, KEY_FILE
from propylon.toolkit.connection import Proxy, Target
from propylon.toolkit.inspection import Inspection


def postman_list(target: Target, inspection: Inspection | None, proxy: Proxy | None) -> Iterator[tuple[str, str]]:
    """(where in Postman, what to enter)."""
    yield "Settings, Certificates, Add certificate: Host", f"{target.host}, port {target.port}"
    files = [file for file in inspection.contents.files if file.certificates or file.keys] if inspection else []
    pfx = next((file for file in files if file.format.startswith("PKCS #12") and file.certificates and file.keys), None)
    if pfx:
        yield "PFX file", pfx.name
    else:
        yield "CRT file", next((file.name for file in files if file.certificates), CERTIFICATE_FILE)
        yield "KEY file", next((file.name for file in files if file.keys), KEY_FILE)
    yield "Passphrase", _pass_phrase(inspection)
    yield "CA certificates", "switch on, and choose the server's authority (ca.crt of the portal)"
    yield "Settings, Proxy", f"switch off “Use the system proxy” and “Add a custom proxy”{_but(proxy)}"
    yield "Settings, General", "leave “SSL certificate verification” on; “Request timeout” 0"
    yield "Console (Ctrl-Alt-C)", "shows under Network whether the client certificate was sent"


def _pass_phrase(inspection: Inspection | None) -> str:
    if inspection is None or not inspection.contents.keys:
        return "the one of the key, if it has one"
    encrypted = any(key.was_encrypted for key in inspection.contents.keys)
    return "the password that opened it here" if encrypted else "leave it empty: the key is not encrypted"


def _but(proxy: Proxy | None) -> str:
    return f", unless {proxy} is the only way out; it must not open TLS" if proxy else ""
