"""`propylon cert` itself."""

from __future__ import annotations

import click

from propylon.cli.lazy_commands import LazyCommands

COMMANDS = {
    "inspect": ("propylon.cli.cert.inspecting", "inspect", "Say what a file is, whose certificate, and what is wrong."),
    "extract": (
        "propylon.cli.cert.extracting",
        "extract",
        "A .pfx or .p12 to certificate.crt and private.key.",
    ),
    "convert": ("propylon.cli.cert.converting", "convert", "Write it in another form: .pfx, .pem, .p7b, .cer, .key."),
    "csr": ("propylon.cli.cert.requesting", "csr", "Make a key, and the signing request to order with."),
    "check": ("propylon.cli.cert.checking", "check", "Do key, certificate, chain and service account fit?"),
    "doctor": ("propylon.cli.cert.doctoring", "doctor", "Connect, and say in words what fails."),
}


@click.command(cls=LazyCommands, table=COMMANDS)
def cert() -> None:
    """Certificates and keys without openssl. Nothing is sent anywhere but by `doctor`, to the address you name.

    \b
    propylon cert inspect partner.pfx
    propylon cert extract partner.pfx --out identity
    propylon cert doctor https://api.bank.example:444 identity/certificate.crt identity/private.key
    """
