"""A secret in memory: wrapped, never a `str` subclass (those leak through json.dumps)."""

from __future__ import annotations

import hmac


class Secret:
    """Holds a secret text; shows nothing when printed, logged or serialised. `reveal()` is the only way out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a secret is no dictionary key
