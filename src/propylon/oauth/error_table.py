"""The error codes of the OAuth endpoints in one table: what each means, and what to do (RFC 6749, 4.1.2.1 and 5.2)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OAuthErrorMeaning:
    """`where`: token, authorize, or both; ask: where customers are asked elsewhere (CIBA).

    `status` is of the endpoints that answer in JSON.
    """

    code: str
    status: int
    where: str
    meaning: str
    remedy: str


OAUTH_ERRORS = (
    OAuthErrorMeaning(
        "invalid_request", 400, "both", "A parameter is missing, repeated or malformed, or the body is no form.",
        "Read error_description: it names the parameter. Send application/x-www-form-urlencoded in the body.",
    ),
    OAuthErrorMeaning(
        "invalid_client", 401, "token", "The client could not be authenticated. Nothing says which part was wrong.",
        "Compare client id, method, secret or certificate. Clients with a certificate ask on the two-way TLS address. "
        "Was the secret replaced, the certificate revoked, or does Base64 of id:secret hold a line break?",
    ),
    OAuthErrorMeaning(
        "invalid_grant", 400, "token", "The code or refresh token is unknown, expired, used, or somebody else's.",
        "Codes live for a minute and work once: send the customer to log in again. The redirect_uri and code_verifier "
        "must be those of the authorization request. Keep the newest refresh token.",
    ),
    OAuthErrorMeaning(
        "invalid_dpop_proof", 400, "token", "The DPoP proof does not hold, or was used before.",
        "Read error_description. Make a proof for each request, with its address, its method and the time of now.",
    ),
    OAuthErrorMeaning(
        "use_dpop_nonce", 400, "token", "The proof needs a nonce of ours, and carries none or one that is too old.",
        "Make the proof again with the nonce from the header DPoP-Nonce. Keep the newest one that an answer gives.",
    ),
    OAuthErrorMeaning(
        "unauthorized_client", 400, "both", "The application may not do this: another grant type, or another address.",
        "See what its type may do. If error_description names the address, add it to the source ranges.",
    ),
    OAuthErrorMeaning(
        "unsupported_grant_type", 400, "token", "There is no such grant type here.",
        "Use client_credentials, authorization_code or refresh_token. The password grant does not exist.",
    ),
    OAuthErrorMeaning(
        "invalid_scope", 400, "both", "A scope is unknown, missing, or of a product without a subscription.",
        "Subscribe the application to the product, and name the scopes as its page does.",
    ),
    OAuthErrorMeaning(
        "invalid_authorization_details", 400, "both", "An object of authorization_details is not as its type says.",
        "Read error_description: it names the place. At the token endpoint ask for what was granted, or for less.",
    ),
    OAuthErrorMeaning(
        "unsupported_response_type", 400, "authorize", "Only the authorization code flow exists.",
        "Send response_type=code, and as response_mode nothing, query or jwt.",
    ),
    OAuthErrorMeaning(
        "access_denied", 400, "both", "The customer did not agree, or (403) is not asked: too many questions.",
        "Say in your application what happens without consent, and let the customer try again, later after a 403.",
    ),
    OAuthErrorMeaning(
        "login_required", 400, "authorize",
        "The request forbids a page (prompt=none), and nobody who has allowed you something is logged in, or too long "
        "ago; or another customer logged in than the one that id_token_hint or claims names.",
        "Ask again without prompt=none, and hint at nobody else.",
    ),
    OAuthErrorMeaning(
        "consent_required", 400, "authorize",
        "The request forbids a page (prompt=none), and the customer has not allowed exactly these scopes and details.",
        "Ask again without prompt=none, or for what was granted, word by word.",
    ),
    OAuthErrorMeaning(
        "interaction_required", 400, "authorize",
        "The request forbids a page (prompt=none), and what it asks for needs a second step.",
        "Ask again without prompt=none.",
    ),
    OAuthErrorMeaning(
        "unmet_authentication_requirements", 400, "authorize",
        "What is asked for needs a stronger login than the customer has, or than there is here.",
        "Ask for one of acr_values_supported. If the customer has no second step, only the bank can give them one.",
    ),
    OAuthErrorMeaning(
        "authorization_pending", 400, "token", "The customer, who was asked elsewhere, has not answered yet.",
        "Ask again after interval seconds.",
    ),
    OAuthErrorMeaning(
        "slow_down", 400, "token", "The customer has not answered yet, and you ask too often.",
        "From now on wait five seconds longer between two questions.",
    ),
    OAuthErrorMeaning(
        "expired_token", 400, "token", "The customer's time to answer is over.",
        "Ask the customer anew at backchannel_authentication_endpoint, if they still want to.",
    ),
    OAuthErrorMeaning(
        "unknown_user_id", 400, "ask", "No customer is found by the hint.",
        "Send the identity number as login_hint, or an ID token of yours as id_token_hint. Many such answers in a row "
        "are followed by access_denied for ten minutes.",
    ),
    OAuthErrorMeaning(
        "invalid_binding_message", 400, "ask", "The binding message is missing, too long or not printable.",
        "Send one line of at most 100 printable characters, and show the same in your application.",
    ),
    OAuthErrorMeaning(
        "invalid_request_uri", 400, "authorize", "The pushed request is unknown, used, or older than two minutes.",
        "Push it again and send the customer at once.",
    ),
    OAuthErrorMeaning(
        "invalid_request_object", 400, "authorize", "The signed request (RFC 9101) does not hold.",
        "Read error_description. Sign it with a registered key, for our issuer, with nbf and an exp within the hour.",
    ),
    OAuthErrorMeaning(
        "invalid_redirect_uri", 400, "register", "A redirect URI of the registration cannot be registered.",
        "Read error_description: it names the URI and the reason.",
    ),
    OAuthErrorMeaning(
        "invalid_client_metadata", 400, "register", "A member of the registration does not fit.",
        "Read error_description: it names the member. The type of the application follows from grants and method.",
    ),
    OAuthErrorMeaning(
        "invalid_software_statement", 400, "register", "Software statements are not taken.",
        "Leave software_statement out and send the members themselves.",
    ),
    OAuthErrorMeaning(
        "invalid_token", 401, "register", "The initial or registration access token is unknown, used up or has ended.",
        "Ask the operator for another initial access token. A registration access token is told once.",
    ),
    OAuthErrorMeaning(
        "temporarily_unavailable", 503, "both", "The authorization server takes no more work at the moment.",
        "Wait for the seconds in Retry-After and send the request again.",
    ),
    OAuthErrorMeaning(
        "server_error", 500, "both", "Something failed on our side.",
        "Try again; if it stays, report the RequestTrackingId.",
    ),
)  # fmt: skip
