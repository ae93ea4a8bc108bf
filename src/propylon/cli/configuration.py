"""What the environment says, read without Django and with a sentence when it makes no sense."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlsplit

from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.home import Home


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings that the supervisor itself needs."""

    home: Home
    address: str
    public_port: int
    mutual_port: int
    public_url: str
    mutual_url: str
    node: str
    nodes_address: tuple[str, int] | None  # where nodes on other machines are let in

    @property
    def host(self) -> str:
        """The host name that the server certificate is for."""
        return urlsplit(self.public_url).hostname or "localhost"


def configuration() -> Configuration:
    """The configuration of this process' environment."""
    try:
        settings = import_module("propylon.project.settings")
    except ValueError as error:
        raise PropylonError(
            "settings.value.invalid",
            f"A setting in the environment makes no sense: {error}. docs/reference/settings.md lists them all.",
            kind=Kind.MALFORMED,
        ) from error
    found = Configuration(
        home=settings.PROPYLON_HOME,
        address=settings.PROPYLON_LISTEN_ADDRESS,
        public_port=settings.PROPYLON_PUBLIC_PORT,
        mutual_port=settings.PROPYLON_MUTUAL_PORT,
        public_url=settings.PROPYLON_PUBLIC_URL,
        mutual_url=settings.PROPYLON_MUTUAL_URL,
        node=settings.PROPYLON_NODE,
        nodes_address=settings.PROPYLON_NODES_ADDRESS,
    )
    issuer = ("PROPYLON_ISSUER_URL", settings.PROPYLON_ISSUER_URL)
    issuer_mutual = ("PROPYLON_ISSUER_MUTUAL_URL", settings.PROPYLON_ISSUER_MUTUAL_URL)
    own = (("PROPYLON_PUBLIC_URL", found.public_url), ("PROPYLON_MUTUAL_URL", found.mutual_url))
    for name, url in (*own, issuer, issuer_mutual):
        if urlsplit(url).scheme != "https" or not urlsplit(url).hostname:
            raise PropylonError(
                "settings.url.invalid", f"{name} is {url!r}; give an https:// address.", kind=Kind.MALFORMED
            )
    return found
