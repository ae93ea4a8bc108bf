"""RFC 9745 (`Deprecation`), RFC 8594 (`Sunset`), RFC 8288 (`Link`): what every answer of a version says of its end.

The link relation `deprecation` is of RFC 9745 section 3, `sunset` of RFC 8594 section 6, and `successor-version` of
RFC 5829 section 3.3.
"""

from __future__ import annotations

from email.utils import formatdate

from propylon.gateway.envoy_types import Json, set_header
from propylon.gateway.model import Lifecycle


def lifecycle_headers(lifecycle: Lifecycle) -> list[Json]:
    """Nothing for a version that nobody has deprecated."""
    headers = []
    if lifecycle.deprecated_at is not None:
        headers.append(set_header("Deprecation", f"@{lifecycle.deprecated_at}"))
    if lifecycle.sunset_at is not None:
        headers.append(set_header("Sunset", formatdate(lifecycle.sunset_at, usegmt=True)))
    # Beside the links of the upstream's own answer, such as those to the next page.
    return headers + [set_header("Link", link, "APPEND_IF_EXISTS_OR_ADD") for link in _links(lifecycle)]


def _links(lifecycle: Lifecycle) -> list[str]:
    wanted = (
        ("deprecation", lifecycle.documentation, lifecycle.deprecated_at is not None),
        ("sunset", lifecycle.documentation, lifecycle.sunset_at is not None),
        ("successor-version", lifecycle.successor, True),
    )
    return [f'<{_escaped(target)}>; rel="{name}"' for name, target, is_due in wanted if target and is_due]


def _escaped(target: str) -> str:
    """Envoy reads `%` as the beginning of a format."""
    return target.replace("%", "%%")
