"""What is wrong with a wish for an environment, an upstream or a plan. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cryptography import x509

from propylon.kernel.errors import FieldError

RESERVED_PREFIXES = frozenset(
    {"/oauth", "/.well-known", "/manage", "/console", "/health", "/ca.crt", "/certificates", "/static", "/mga", "/open"}
)
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")
_PREFIX = re.compile(r"^/[a-z0-9][a-z0-9-]{0,38}$")
_ADDRESS = re.compile(
    r"^(?:unix:/[^\s\0]{1,290}|https?://(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):([0-9]{1,5}))$"
)
_HIGHEST_PORT = 65_535
_HEALTH_PATH = re.compile(r"^/[!-~]{0,199}$")
_MOST_ADDRESSES = 32
_MOST_PARALLEL_CALLS = 1_000_000
_LONGEST_TITLE = 80


def name_mistakes(name: str, longest: int) -> list[FieldError]:
    if _SLUG.fullmatch(name) and len(name) <= longest:
        return []
    return [FieldError("name", "body", f"1 to {longest} lower-case letters, digits and hyphens")]


def title_mistakes(title: str) -> list[FieldError]:
    if title.strip() and len(title) <= _LONGEST_TITLE:
        return []
    return [FieldError("title", "body", f"1 to {_LONGEST_TITLE} characters")]


def prefix_mistakes(path_prefix: str, taken: Iterable[str] = ()) -> list[FieldError]:
    """`taken` are paths that are in use: none of them may be below it."""
    is_taken = any(f"{path}/".startswith(f"{path_prefix}/") for path in taken)
    if _PREFIX.fullmatch(path_prefix) and path_prefix not in RESERVED_PREFIXES and not is_taken:
        return []
    return [FieldError("path_prefix", "body", "one free path segment, such as '/sandbox'")]


def upstream_mistakes(
    *,
    address: str,
    timeout_ms: int,
    ca_pem: str,
    further_addresses: Sequence[str] = (),
    health_path: str = "",
    max_parallel_calls: int = 1,
) -> list[FieldError]:
    mistakes = []
    if not _is_address(address):
        mistakes.append(FieldError("address", "body", "unix:/path, http://host:port or https://host:port"))
    schemes = {each.partition(":")[0] for each in (address, *further_addresses)}
    everywhere = [address, *further_addresses]
    if not all(map(_is_address, further_addresses)) or len(schemes) > 1 or len(set(everywhere)) < len(everywhere):
        text = "addresses of the same scheme as the first, each once"
        mistakes.append(FieldError("further_addresses", "body", text))
    if len(further_addresses) > _MOST_ADDRESSES:
        mistakes.append(FieldError("further_addresses", "body", f"at most {_MOST_ADDRESSES}"))
    if health_path and not _HEALTH_PATH.fullmatch(health_path):
        mistakes.append(FieldError("health_path", "body", "a path such as /health, or empty"))
    if not 1 <= max_parallel_calls <= _MOST_PARALLEL_CALLS:
        mistakes.append(FieldError("max_parallel_calls", "body", f"between 1 and {_MOST_PARALLEL_CALLS}"))
    if not 1 <= timeout_ms <= 600_000:
        mistakes.append(FieldError("timeout_ms", "body", "between 1 and 600000"))
    if ca_pem.strip() and not _is_pem(ca_pem):
        mistakes.append(FieldError("ca_pem", "body", "certificates in PEM form, and nothing else"))
    return mistakes


def _is_address(address: str) -> bool:
    parts = _ADDRESS.fullmatch(address)
    return parts is not None and 1 <= int(parts[1] or 1) <= _HIGHEST_PORT


def plan_mistakes(requests_per_second: int, burst: int) -> list[FieldError]:
    mistakes = []
    if not 1 <= requests_per_second <= 1_000_000:
        mistakes.append(FieldError("requests_per_second", "body", "between 1 and 1000000"))
    if not requests_per_second <= burst <= 10_000_000:
        mistakes.append(FieldError("burst", "body", "at least as much as requests_per_second, at most 10000000"))
    return mistakes


def _is_pem(text: str) -> bool:
    try:
        return bool(x509.load_pem_x509_certificates(text.encode()))
    except ValueError:
        return False
