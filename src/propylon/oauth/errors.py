"""Error responses of the OAuth endpoints, RFC 6749 sections 4.1.2.1 and 5.2."""

from __future__ import annotations

from typing import Any

from propylon.oauth.dpop_nonce import USE_NONCE


class OAuthError(Exception):
    """A refusal. `code` and `description` are for the client, `detail` for the log only.

    `ends_grant` says that what was seen is a sign of theft: the grant behind the code or token must end.
    """

    def __init__(
        self, code: str, description: str, *, status: int = 400, detail: str = "", ends_grant: bool = False
    ) -> None:
        super().__init__(f"{code}: {detail or description}")
        self.code = code
        self.description = description
        self.status = status
        self.detail = detail
        self.ends_grant = ends_grant

    def body(self) -> dict[str, Any]:
        return {"error": self.code, "error_description": self.description}


def invalid_request(description: str, *, detail: str = "", status: int = 400) -> OAuthError:
    return OAuthError("invalid_request", description, detail=detail, status=status)


def invalid_client(detail: str) -> OAuthError:
    """One public sentence for every reason: nobody learns whether a client id exists."""
    return OAuthError(
        "invalid_client",
        "Client authentication failed. Check client id, method, secret or certificate, and the listener.",
        status=401,
        detail=detail,
    )


def invalid_grant(detail: str, *, ends_grant: bool = False) -> OAuthError:
    return OAuthError(
        "invalid_grant",
        "The code, refresh token or auth_req_id is unknown, expired, already used, or was issued to somebody else.",
        detail=detail,
        ends_grant=ends_grant,
    )


def wrong_password(detail: str) -> OAuthError:
    """One sentence for every reason: nobody learns which customers there are."""
    return OAuthError(
        "invalid_grant",
        "Name or password is not right, or there were too many attempts. Check both; then wait a few minutes.",
        detail=detail,
    )


def invalid_dpop_proof(reason: str) -> OAuthError:
    return OAuthError("invalid_dpop_proof", f"The DPoP proof is refused: {reason}. Make a new proof for each request.")


def use_dpop_nonce() -> OAuthError:
    """RFC 9449, 8: the header DPoP-Nonce of the answer has the nonce to try again with."""
    return OAuthError(USE_NONCE, "The DPoP proof needs a nonce: make it again with the one in the header DPoP-Nonce.")


def invalid_scope(description: str) -> OAuthError:
    return OAuthError("invalid_scope", description)


def invalid_authorization_details(place: str, reason: str) -> OAuthError:
    """RFC 9396, 5. A place may hold what the client wrote; a description has few characters (RFC 6749, 5.2)."""
    told = f"authorization_details{place[:200]}: {reason[:300]}."
    plain = "".join(each if " " <= each <= "~" and each not in '"\\' else "?" for each in told)
    return OAuthError("invalid_authorization_details", plain)
