"""What may go wrong with a directory that is not ours, in words for the operator; customers learn only that it did."""

from __future__ import annotations

import http.client
import socket
import ssl

from propylon.kernel.errors import Kind, PropylonError


class DirectoryUnavailable(PropylonError):  # noqa: N818  (a state of theirs, not an error of ours)
    """The directory did not do its part. `reason` is a sentence for the operator: trial and log show it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            "customer.directory.unavailable",
            "The bank's login cannot be reached right now. Try again in a few minutes.",
            kind=Kind.UNAVAILABLE,
            transient=True,
            detail=reason,
        )
        self.reason = reason


class LoginRefused(PropylonError):  # noqa: N818  (an answer)
    """The provider's answer does not prove who the customer is, or the customer stopped there."""

    def __init__(self, reason: str, *, is_cancelled: bool = False) -> None:
        super().__init__(
            "customer.login.refused",
            "The login at the bank did not succeed. Try again.",
            kind=Kind.UNAUTHENTICATED,
            detail=reason,
        )
        self.reason = reason
        self.is_cancelled = is_cancelled


def unreachable(host: str, error: Exception) -> DirectoryUnavailable:
    """What a failed connection means, and what to look at."""
    return DirectoryUnavailable(_reason(host, error))


def _reason(host: str, error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {host} is not accepted: {error.verify_message}. "
            "Give the authority that signed it, and the name that stands in it."
        )
    kind = type(error).__name__
    told: tuple[tuple[type[Exception], str], ...] = (
        (ssl.SSLError, f"{host} does not speak TLS as it should: {getattr(error, 'reason', '') or kind}."),
        (socket.gaierror, f"No address is known for {host}. Check the name."),
        (ConnectionRefusedError, f"Nothing listens at {host}. Check address and port."),
        (TimeoutError, f"{host} did not answer in time."),
        (OSError, f"The connection to {host} broke: {kind}."),
        (http.client.HTTPException, f"The connection to {host} broke: {kind}."),
    )
    unread = f"{host} answered in a way that cannot be read: {kind}."
    return next((reason for family, reason in told if isinstance(error, family)), unread)
