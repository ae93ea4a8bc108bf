"""Reading PROPYLON_ENVIRONMENT_URLS: environments that have host names of their own."""

from __future__ import annotations

from urllib.parse import urlsplit

_FORM = "production=https://api.bank.example, sandbox=https://test.bank.example https://test-mtls.bank.example:444"


def read_environment_urls(text: str, *, public_url: str, mutual_url: str) -> dict[str, tuple[str, str]]:
    """Name to public and mutual URL. Where one is given, the other listener has the same host.

    Raises ValueError for what is no `https://host` on the listener's own port, and for a host that is given twice.
    """
    found: dict[str, tuple[str, str]] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, given = entry.partition("=")
        urls = [url.rstrip("/") for url in given.split()]
        if not name.strip() or len(urls) not in (1, 2) or name.strip() in found:
            raise ValueError(f"PROPYLON_ENVIRONMENT_URLS has {entry!r}; write it as {_FORM}")
        public = urls[0]
        mutual = urls[1] if len(urls) > 1 else on_mutual(public, mutual_url)
        _require_origin(public, public_url)
        _require_origin(mutual, mutual_url)
        found[name.strip()] = public, mutual
    _require_own_hosts(found)
    return found


def on_mutual(url: str, mutual_url: str) -> str:
    """The same host on the listener that asks for certificates."""
    port = urlsplit(mutual_url).port
    host = urlsplit(url).netloc.rpartition("@")[2].removesuffix(f":{urlsplit(url).port}")
    return f"https://{host}:{port}" if port else f"https://{host}"


def _require_origin(url: str, listener_url: str) -> None:
    parts, port = urlsplit(url), urlsplit(listener_url).port
    is_origin = parts.scheme == "https" and parts.hostname and not (parts.path or parts.query or parts.username)
    if not is_origin or parts.port != port:
        # Upstreams learn the port of the listener that was called, whatever the host.
        wanted = f"https://host:{port}" if port else "https://host"
        raise ValueError(f"PROPYLON_ENVIRONMENT_URLS has {url!r}; give {wanted}, as {listener_url} has it")


def _require_own_hosts(found: dict[str, tuple[str, str]]) -> None:
    owner: dict[str | None, str] = {}
    for name, urls in found.items():
        for host in {urlsplit(url).hostname for url in urls}:
            if owner.setdefault(host, name) != name:
                raise ValueError(f"PROPYLON_ENVIRONMENT_URLS gives {host} to {owner[host]} and to {name}; choose one")
