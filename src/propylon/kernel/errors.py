"""The one error of the house. Domain code chooses a kind; the edge maps it to HTTP, RFC 6749 or a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What went wrong, in terms of who must act next. The HTTP status is chosen at the edge, once."""

    MALFORMED = "malformed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake with its place: `field` names it, `location` is body, query, path, header or a document pointer."""

    field: str
    location: str
    reason: str

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "location": self.location, "reason": self.reason}


class PropylonError(Exception):
    """An error with a stable dotted public code.

    `message` is for the caller and says what to do next; `detail` is for the log only.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        kind: Kind,
        transient: bool = False,
        errors: Sequence[FieldError] = (),
        detail: str = "",
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.kind = kind
        self.transient = transient
        self.errors = tuple(errors)
        self.detail = detail


def error_body(
    code: str, message: str, tracking_id: str, *, transient: bool = False, errors: Sequence[FieldError] = ()
) -> dict[str, object]:
    """The standard error body of every API (FEATURES G2). `transient` is a string, as the source document shows it."""
    return {
        "code": code,
        "message": message,
        "trackingId": tracking_id,
        "transient": "true" if transient else "false",
        "errors": [error.as_dict() for error in errors],
    }
