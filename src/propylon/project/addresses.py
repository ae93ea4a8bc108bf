"""Where a system listens and what it is called: from the environment, else as the running `propylon up` has told."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from propylon.gateway.node_bundle import host_and_port
from propylon.kernel.home import Home
from propylon.project.own_hosts import on_mutual, read_environment_urls


@dataclass(frozen=True, slots=True)
class Addresses:
    """The settings of the same names. URLs have no slash at their end."""

    listen_address: str
    public_port: int
    mutual_port: int
    public_url: str
    mutual_url: str
    issuer_url: str  # of the authorization server: the two above, unless it has hosts of its own
    issuer_mutual_url: str
    environment_urls: Mapping[str, Sequence[str]]  # public and mutual URL of those with hosts of their own
    nodes_address: str = ""  # "host:port", where gateway nodes on other machines are let in; "": nowhere


def addresses(home: Home) -> Addresses:
    """Of this process. One address in the environment is enough for the running system's to be left aside: they come
    from one place only, or a port of here would meet a URL of there. Raises ValueError for a port that is no number.
    """
    if not any(f"PROPYLON_{name.upper()}" in os.environ for name in Addresses.__dataclass_fields__):
        running = _told(_file(home))
        if running is not None:
            return running
    return _from_environment()


@contextlib.contextmanager
def tell(home: Home, found: Addresses) -> Iterator[None]:
    """Let the other commands of this home know for as long as the block runs.

    The file is locked by whoever keeps to it: one that a killed process has left behind is locked by nobody, and
    is believed by nobody.
    """
    with _file(home).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), **asdict(found)}, indent=2) + "\n")
        file.flush()
        try:
            yield
        finally:
            _file(home).unlink(missing_ok=True)


def _from_environment() -> Addresses:
    public_port = _port("PROPYLON_PUBLIC_PORT", os.environ.get("PROPYLON_PUBLIC_PORT", "8443"))
    mutual_port = _port("PROPYLON_MUTUAL_PORT", os.environ.get("PROPYLON_MUTUAL_PORT", "8444"))
    public_url = os.environ.get("PROPYLON_PUBLIC_URL", f"https://localhost:{public_port}").rstrip("/")
    mutual_url = os.environ.get("PROPYLON_MUTUAL_URL", f"https://{urlsplit(public_url).hostname}:{mutual_port}")
    mutual_url = mutual_url.rstrip("/")
    issuer_url = os.environ.get("PROPYLON_ISSUER_URL", public_url).rstrip("/")
    same_host = mutual_url if issuer_url == public_url else on_mutual(issuer_url, mutual_url)
    return Addresses(
        listen_address=os.environ.get("PROPYLON_LISTEN_ADDRESS", "127.0.0.1"),
        public_port=public_port,
        mutual_port=mutual_port,
        public_url=public_url,
        mutual_url=mutual_url,
        issuer_url=issuer_url,
        issuer_mutual_url=os.environ.get("PROPYLON_ISSUER_MUTUAL_URL", same_host).rstrip("/"),
        environment_urls=read_environment_urls(
            os.environ.get("PROPYLON_ENVIRONMENT_URLS", ""), public_url=public_url, mutual_url=mutual_url
        ),
        nodes_address=_nodes_address(os.environ.get("PROPYLON_NODES_ADDRESS", "")),
    )


def _nodes_address(value: str) -> str:
    try:
        if value:
            host_and_port(value)
    except ValueError:
        raise ValueError(f"PROPYLON_NODES_ADDRESS is {value!r}; give host:port, such as 0.0.0.0:8445") from None
    return value


def _port(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"{name} is {value!r}; give the number of a port") from None


def _told(file: Path) -> Addresses | None:
    try:
        with file.open() as told:
            if not _is_locked(told.fileno()):
                return None
            found = json.load(told)
        return Addresses(**{name: found[name] for name in Addresses.__dataclass_fields__})
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _file(home: Home) -> Path:
    return home.run / "addresses.json"
