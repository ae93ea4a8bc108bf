"""PROPYLON_TRACES_…: where the gateways send the spans of traced calls (propylon.gateway.tracing)."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from propylon.gateway.model import Traces

_EVERY_CALL = 100.0


def traces_from_environment() -> Traces | None:
    """None: off. Raises ValueError with a sentence for what makes no sense."""
    url = os.environ.get("PROPYLON_TRACES_URL", "").strip()
    if not url:
        return None
    return Traces(_whole(url), _percent(), _authority(url))


def _whole(url: str) -> str:
    """With the path of the protocol (OTLP/HTTP) where none is given."""
    parts = urlsplit(url)
    is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port and not parts.query
    if not is_address or parts.username or parts.fragment:
        raise ValueError(f"PROPYLON_TRACES_URL is {url!r}; give http://host:port or https://host:port of a collector")
    return f"{parts.scheme}://{parts.netloc}{parts.path if parts.path.strip('/') else '/v1/traces'}"


def _percent() -> float:
    text = os.environ.get("PROPYLON_TRACES_PERCENT", "1")
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= _EVERY_CALL:
        raise ValueError(f"PROPYLON_TRACES_PERCENT is {text!r}; give a number from 0 to 100")
    return percent


def _authority(url: str) -> str:
    """PEM of the authority that an https collector's certificate is verified against."""
    file = os.environ.get("PROPYLON_TRACES_CA", "")
    if not url.startswith("https:"):
        return ""
    if not file:
        raise ValueError("PROPYLON_TRACES_URL begins with https; name the file of its CA with PROPYLON_TRACES_CA")
    try:
        return Path(file).read_text()
    except OSError as error:
        raise ValueError(f"PROPYLON_TRACES_CA names {file!r}, which cannot be read ({error.strerror})") from error
