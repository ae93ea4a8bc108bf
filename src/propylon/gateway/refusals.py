"""Every refusal that the gateway itself makes: one table (FEATURES G2; RFC 6750 section 3 for `WWW-Authenticate`).

`gateway.local_replies` turns it into Envoy's error bodies, `refusal_code` reads call records with it. The first row
that matches counts. The row's status is what the caller sees; Envoy's own may differ (its 403 for a wrong audience).
"""

from __future__ import annotations

from dataclasses import dataclass

from propylon.gateway.check import NO_VERDICT, REASON_HEADER, Verdict
from propylon.kernel.token_claims import PROOF_ALGORITHMS

_JWT = "jwt_authn_access_denied{"
_RBAC = "rbac_access_denied_matched_policy["
_RESET = "upstream_reset_before_response_started{"
_DIRECT = "direct_response"

_BEARER = 'Bearer realm="api"'
# Seconds until the day, and the month, ends in UTC: CEL, without the sign that ends a formatter's expression.
_TODAY = "request.time.getHours() * 3600 + request.time.getMinutes() * 60 + request.time.getSeconds()"
_FEBRUARY = "request.time.getFullYear() / 4 * 4 == request.time.getFullYear() ? 29 : 28"
_DAYS = f"[31, {_FEBRUARY}, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][request.time.getMonth()]"
_TO_MIDNIGHT = f"%CEL(86400 - ({_TODAY}))%"
_TO_NEXT_MONTH = f"%CEL(({_DAYS} - request.time.getDayOfMonth()) * 86400 - ({_TODAY}))%"
_PROVEN = f'DPoP error="{{}}", error_description="{{}}", algs="{" ".join(PROOF_ALGORITHMS)}"'
_INVALID = 'Bearer realm="api", error="invalid_token", error_description="{}"'


@dataclass(frozen=True, slots=True)
class Refusal:
    """`details` and `starts` are Envoy's RESPONSE_CODE_DETAILS, whole or their beginning. `directs` says that the route
    itself answers with this status. `is_early`: may happen before Envoy knows the request's tracking id."""

    code: str
    status: int
    message: str
    details: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    directs: bool = False
    silent: int = 0  # Envoy's own status of a refusal that it gives no details of
    transient: bool = False
    www_authenticate: str = ""
    retry_after: str = ""
    is_quota: bool = False  # RateLimit headers tell of the quota, which is spent, until `retry_after`
    is_early: bool = False
    tpp_code: str = "FORMAT_ERROR"  # Berlin Group NextGenPSD2, section 14.11

    def matches(self, details: str, status: int) -> bool:
        if self.directs and details == _DIRECT and status == self.status:
            return True
        if self.silent and not details and status == self.status:
            return True
        return details in self.details or details.startswith(self.starts)


def _token(code: str, status_text: str, message: str, *reasons: str, tpp: str = "TOKEN_INVALID") -> Refusal:
    """An access token that does not hold: 401 with `invalid_token`."""
    details = tuple(f"{_JWT}{reason}}}" for reason in reasons)
    header = _INVALID.format(status_text)
    return Refusal(code, 401, message, details=details, www_authenticate=header, tpp_code=tpp)


REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        "gateway.token.missing",
        401,
        "Send an access token in the header: Authorization: Bearer <token>. Tokens in the address are not read.",
        details=(f"{_JWT}Jwt_is_missing}}", f"{_RBAC}scheme]"),
        www_authenticate=_BEARER,
        tpp_code="TOKEN_UNKNOWN",
    ),
    _token(
        "gateway.token.expired",
        "The access token has expired",
        "The access token has expired. Ask the token endpoint for a new one.",
        "Jwt_is_expired",
        tpp="TOKEN_EXPIRED",
    ),
    _token(
        "gateway.token.not_yet_valid",
        "The access token is not valid yet",
        "The access token is not valid yet. Wait until its nbf time, and check your clock.",
        "Jwt_not_yet_valid",
    ),
    _token(
        "gateway.token.signature",
        "The access token does not verify",
        "The access token does not verify. Use it exactly as this installation's token endpoint returned it.",
        "Jwt_verification_fails",
        "Jwks_doesn't_have_key_to_match_kid_or_alg_from_Jwt",
    ),
    _token(
        "gateway.token.issuer",
        "The access token comes from another issuer",
        "The access token comes from another issuer. Get one from this installation's token endpoint.",
        "Jwt_issuer_is_not_configured",
    ),
    _token(
        "gateway.token.audience",
        "The access token is for another environment",
        "The access token is for another environment. Use the credentials of the environment that you call.",
        "Audiences_in_Jwt_are_not_allowed",
    ),
    Refusal(
        "gateway.token.malformed",
        401,
        "This is no signed token of this installation. Use it exactly as the token endpoint returned it.",
        starts=(_JWT,),
        www_authenticate=_INVALID.format("The access token is malformed"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.token.binding",
        401,
        "The access token is bound to another client certificate. Call with the one that the token was issued to.",
        details=(f"{_RBAC}binding]",),
        www_authenticate=_INVALID.format("The access token is bound to another certificate"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.token.proof_needed",
        401,
        "The access token is bound to a key. Send it as Authorization: DPoP <token>, with a proof in the header DPoP.",
        details=(f"{_RBAC}scheme.bound]",),
        www_authenticate=_PROVEN.format("invalid_token", "The access token is bound to a key"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.token.unbound",
        401,
        "The access token is bound to no key. Send it as Authorization: Bearer <token>, or ask for it with a proof.",
        details=(f"{_RBAC}scheme.unbound]",),
        www_authenticate=_INVALID.format("The access token is bound to no key"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.token.binding_needed",
        401,
        "This operation takes no token that anyone could use. Ask for the token with your client certificate, or with "
        "a DPoP proof, and call with the same.",
        details=(f"{_RBAC}rule.binding]",),
        www_authenticate=_PROVEN.format("invalid_token", "The access token must be bound to a key or a certificate"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.proof.invalid",
        401,
        f"The DPoP proof is refused (%REQ({REASON_HEADER})%). Make a new proof for each call, with its address, "
        "its method, the hash of its token and the time of now.",
        details=(f"{_RBAC}{Verdict.PROOF.value}]",),
        www_authenticate=_PROVEN.format("invalid_dpop_proof", "The DPoP proof is refused"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.proof.nonce_needed",
        401,
        "The DPoP proof needs a nonce of this installation. Make a new proof with the one in the header DPoP-Nonce.",
        details=(f"{_RBAC}{Verdict.NONCE.value}]",),
        www_authenticate=_PROVEN.format("use_dpop_nonce", "The DPoP proof needs the nonce in the header DPoP-Nonce"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.check.unavailable",
        503,
        "This call needs a check that cannot be made at the moment. Try again in a while, with a new proof.",
        details=("ext_authz_error", f"{_RBAC}{Verdict.BUSY.value}]", f"{_RBAC}{NO_VERDICT}]"),
        transient=True,
        retry_after="1",
        tpp_code="SERVICE_UNAVAILABLE",
    ),
    Refusal(
        "gateway.certificate.revoked",
        401,
        "The client certificate has been revoked. Order a new one for the service account.",
        details=(f"{_RBAC}revoked.certificate]",),
        www_authenticate=_INVALID.format("The client certificate has been revoked"),
        tpp_code="CERTIFICATE_REVOKED",
    ),
    Refusal(
        "gateway.token.revoked",
        401,
        "The access token has been revoked. Get a new one; if that fails, the application or the consent has ended.",
        starts=(f"{_RBAC}revoked.",),
        www_authenticate=_INVALID.format("The access token has been revoked"),
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.certificate.missing",
        401,
        "Present the client certificate of your service account in the TLS handshake, on the mutual-TLS address.",
        directs=True,
        www_authenticate=_BEARER,
        tpp_code="CERTIFICATE_MISSING",
    ),
    Refusal(
        "gateway.source.refused",
        403,
        "This application may not be used from your address. Add the address to the application's source ranges.",
        details=(f"{_RBAC}source_range]",),
        tpp_code="FORBIDDEN",
    ),
    Refusal(
        "gateway.scope.missing",
        403,
        "The access token lacks a scope that this operation needs (%METADATA(ROUTE:propylon:scope)%). "
        "Subscribe to the product and ask for a token with that scope.",
        details=(f"{_RBAC}scope]", f"{_RBAC}none]"),
        www_authenticate='Bearer realm="api", error="insufficient_scope", scope="%METADATA(ROUTE:propylon:scope)%"',
        tpp_code="FORBIDDEN",
    ),
    Refusal(
        "gateway.role.missing",
        401,
        "This operation is for payment service providers with another role (%METADATA(ROUTE:propylon:roles)%). Call "
        "with a token that is bound to a certificate with that role.",
        details=(f"{_RBAC}rule.role]",),
        www_authenticate=_INVALID.format("The token is bound to no certificate with the role that is needed"),
        tpp_code="ROLE_INVALID",
    ),
    Refusal(
        "gateway.plan.excluded",
        403,
        "The application's plan does not include this operation. Ask for another plan in the portal.",
        details=(f"{_RBAC}rule.plan]",),
        tpp_code="FORBIDDEN",
    ),
    Refusal(
        "gateway.authentication.insufficient",
        401,
        "The customer must sign in more strongly for this operation. Send the customer to the authorization endpoint "
        "again, with acr_values as WWW-Authenticate says.",
        details=(f"{_RBAC}rule.acr]",),
        www_authenticate='Bearer realm="api", error="insufficient_user_authentication", '
        "%METADATA(ROUTE:propylon:sign_in)%",
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.authentication.too_old",
        401,
        "The customer signed in too long ago for this operation. Send the customer to the authorization endpoint "
        "again, with max_age as WWW-Authenticate says.",
        details=(f"{_RBAC}rule.max_age]",),
        www_authenticate='Bearer realm="api", error="insufficient_user_authentication", '
        "%METADATA(ROUTE:propylon:sign_in)%",
        tpp_code="TOKEN_INVALID",
    ),
    Refusal(
        "gateway.organization.stopped",
        403,
        "The bank has stopped the calls of your organization for the moment. Ask your contact at the bank.",
        details=(f"{_RBAC}stopped.organization]",),
        tpp_code="FORBIDDEN",
    ),
    Refusal(
        "gateway.stopped",
        503,
        "The bank has stopped this product for the moment. Try again later; the news in the portal say more.",
        details=(f"{_RBAC}stopped.product]", f"{_RBAC}stopped.environment]"),
        transient=True,
        tpp_code="SERVICE_BLOCKED",
    ),
    Refusal(
        "gateway.path.unknown",
        404,
        "Nothing answers at this path. Compare environment, product, version and path with the documentation.",
        details=("route_not_found",),
        directs=True,
        tpp_code="RESOURCE_UNKNOWN",
    ),
    Refusal(
        "gateway.method.refused",
        405,
        "This path does not answer to this method. The Allow header lists the methods that it answers to.",
        directs=True,
        tpp_code="SERVICE_INVALID",
    ),
    Refusal(
        "gateway.request.timeout",
        408,
        "The request did not arrive in time. Send it again, without pausing.",
        details=("request_header_timeout", "request_overall_timeout"),
        transient=True,
        is_early=True,
    ),
    Refusal(
        "gateway.version.sunset",
        410,
        "This version of the product has ended. The Link header leads to its successor and to what to do.",
        directs=True,
        tpp_code="SERVICE_INVALID",
    ),
    Refusal(
        "gateway.body.too_large",
        413,
        "The request's body is larger than is accepted here. Send less at once.",
        details=("request_payload_too_large",),
        directs=True,
    ),
    Refusal(
        "gateway.url.too_long",
        414,
        "The address is longer than a GET request may have. Shorten it, or use an operation that takes a body.",
        directs=True,
    ),
    Refusal(
        "gateway.host.unknown",
        421,
        "This gateway does not serve that host name. Use the addresses in the documentation.",
        directs=True,
    ),
    Refusal(
        "gateway.site.elsewhere",
        421,
        "This gateway serves APIs alone. The portal and the authorization server answer at addresses of their own, "
        "which the documentation names.",
        details=("cluster_not_found",),  # gateway.fitting takes the web application away
        tpp_code="RESOURCE_UNKNOWN",
    ),
    Refusal(
        "gateway.protocol.too_old",
        426,
        "Use HTTP/1.1 or HTTP/2.",
        details=("low_version",),
        is_early=True,
    ),
    Refusal(
        "gateway.rate.exceeded",
        429,
        "Too many requests for the application's plan. Wait for the seconds in Retry-After and go on more slowly.",
        details=("local_rate_limited",),
        transient=True,
        retry_after="1",
        tpp_code="ACCESS_EXCEEDED",
    ),
    Refusal(
        "gateway.quota.day",
        429,
        "The application has used the calls of its contract for today (UTC). Go on after the seconds in Retry-After.",
        details=(f"{_RBAC}spent.day]",),
        transient=True,
        retry_after=_TO_MIDNIGHT,
        is_quota=True,
        tpp_code="ACCESS_EXCEEDED",
    ),
    Refusal(
        "gateway.quota.month",
        429,
        "The application has used the calls of its contract for this month (UTC). Go on after the seconds in "
        "Retry-After, or ask for a larger contract.",
        details=(f"{_RBAC}spent.month]",),
        transient=True,
        retry_after=_TO_NEXT_MONTH,
        is_quota=True,
        tpp_code="ACCESS_EXCEEDED",
    ),
    Refusal(
        "gateway.headers.too_large",
        431,
        "The request's headers are too many or too large. Send fewer, or shorter ones.",
        details=(
            "http1.headers_too_large",
            "http1.too_many_headers",
            "http2.header_list_size_too_large",
            "http2.too_many_headers",
            "request_headers_too_large",
        ),
        is_early=True,
    ),
    Refusal(
        "gateway.upstream.timeout",
        504,
        "The service behind the gateway did not answer in time. Look whether the request took effect, then try again.",
        details=("response_timeout", "upstream_response_timeout", "upstream_per_try_timeout", "stream_idle_timeout"),
        transient=True,
        tpp_code="SERVICE_UNAVAILABLE",
    ),
    Refusal(
        "gateway.upstream.unreachable",
        503,
        "The service behind the gateway cannot be reached at the moment. Try again in a while.",
        details=("no_healthy_upstream",),
        starts=(
            f"{_RESET}remote_connection_failure",
            f"{_RESET}local_connection_failure",
            f"{_RESET}connection_timeout",
            f"{_RESET}overflow",
        ),
        transient=True,
        retry_after="5",
        tpp_code="SERVICE_UNAVAILABLE",
    ),
    Refusal(
        "gateway.answer.too_large",
        502,
        "The answer is larger than this product may give. Ask for less at once: a shorter period, or fewer on a page.",
        silent=500,
        tpp_code="SERVICE_UNAVAILABLE",
    ),
    Refusal(
        "gateway.upstream.failed",
        502,
        "The service behind the gateway broke off its answer. Look whether the request took effect, then try again.",
        starts=(_RESET, "upstream_response_"),
        transient=True,
        tpp_code="SERVICE_UNAVAILABLE",
    ),
    Refusal(
        "gateway.overloaded",
        503,
        "The gateway takes no more requests at the moment. Try again in a while.",
        details=("overload", "maximum_connections_reached", "max_connection_limit"),
        starts=("overload",),
        transient=True,
        retry_after="5",
        is_early=True,
        tpp_code="SERVICE_UNAVAILABLE",
    ),
    Refusal(
        "gateway.request.malformed",
        400,
        "The request is not well-formed HTTP. Check its path, host and framing.",
        details=("path_normalization_failed", "missing_host_header", "missing_path_rejected", "invalid_path"),
        starts=("http1.", "http2.", "http3.", "codec_error"),
        is_early=True,
    ),
)

# What the table does not name (a new version of Envoy may find new words): by the class of its status.
OTHER_FAULT = Refusal(
    "gateway.unavailable",
    500,
    "The gateway could not serve the request. Try again; if it stays so, report the tracking id.",
    transient=True,
    is_early=True,
    tpp_code="SERVICE_UNAVAILABLE",
)
OTHER_REFUSAL = Refusal(
    "gateway.request.refused",
    400,
    "The gateway refused the request. Compare it with the documentation, or report the tracking id.",
    is_early=True,
)

# Refused before the tracking id is made: what stands in the request's header then is the caller's own word.
EARLY_DETAILS = (
    "path_normalization_failed",
    "missing_host_header",
    "missing_path_rejected",
    "invalid_path",
    "low_version",
    "request_header_timeout",
)


def refusal_code(details: str, flags: str, status: int) -> str:
    """The code of a call record's refusal; "" when an upstream answered, or the caller went away before any answer."""
    if details == "via_upstream" or status < 400 or "DC" in flags.split(","):
        return ""
    for refusal in REFUSALS:
        if refusal.matches(details, status):
            return refusal.code
    if not details or details == "-" or details.startswith("upstream_reset_after_response_started"):
        return ""
    return OTHER_FAULT.code if status >= 500 else OTHER_REFUSAL.code
