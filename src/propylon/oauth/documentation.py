"""The authorization server as an OpenAPI document: what partners read of it, and generators make clients from."""

from __future__ import annotations

from typing import Any

from propylon.oauth.authorization_response import RESPONSE_MODES
from propylon.oauth.client_assertion import ASSERTION_TYPE
from propylon.oauth.metadata import AUTHORIZE, BACKCHANNEL, INTROSPECT, JWKS, PAR, REVOKE, TOKEN, USERINFO
from propylon.oauth.token_request import STANDARD_GRANTS
from propylon.oauth.tokens import (
    ACCESS_TOKEN_TTL,
    BACKCHANNEL_TTL,
    CODE_TTL,
    POLL_INTERVAL,
    PUSHED_REQUEST_TTL,
    REFRESH_TOKEN_TTL,
)

_FORM = "application/x-www-form-urlencoded"
_DESCRIPTION = """
Tokens for every API of this installation. The authorization server speaks OAuth 2.0; clients of the profile `fapi2`
speak the FAPI 2.0 Security Profile with it.

Which grant an application may use, how it proves who it is and where it may ask follows from its type; *Step 1: token*
shows it for each. Errors of these endpoints have the form of RFC 6749: `error` and `error_description`.
"""

Document = dict[str, Any]
_DETAILS: Document = {
    "type": "array",
    "items": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}},
}


def authentication_document(*, public_url: str, mutual_url: str) -> Document:
    """OpenAPI 3.0; `public_url` is the issuer."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Authentication API", "version": "1.0.0", "description": _DESCRIPTION.strip()},
        "servers": [
            {"url": public_url, "description": "TLS"},
            {"url": mutual_url, "description": "two-way TLS: clients that authenticate with a certificate"},
        ],
        "paths": {
            TOKEN: {"post": _token()},
            AUTHORIZE: {"get": _authorize(public_url)},
            PAR: {"post": _pushed()},
            BACKCHANNEL: {"post": _ask_customer()},
            REVOKE: {"post": _revoke()},
            INTROSPECT: {"post": _introspect()},
            USERINFO: {"get": _userinfo()},
            "/.well-known/oauth-authorization-server": {"get": _metadata(public_url)},
            JWKS: {"get": _jwks()},
        },
        "components": {
            "schemas": {"Error": _object({"error": _text("One of the codes of RFC 6749.", "invalid_client"),
                                          "error_description": _text("What to do next.")}, ["error"])},
            "headers": {
                "RequestTrackingId": {
                    "description": "Names this request everywhere. Log it, and tell it to support.",
                    "schema": {"type": "string", "format": "uuid"},
                }
            },
            "responses": {"Error": _answer("Refused; `error_description` says what to do next.", "Error")},
        },
    }  # fmt: skip


def _token() -> Document:
    properties = {
        "grant_type": {"type": "string", "enum": list(STANDARD_GRANTS), "example": "client_credentials"},
        "client_id": _text("Of clients that authenticate by certificate, in the form, or not at all.", "app_7f3k2m9q"),
        "client_secret": _text("Of clients with the method `client_secret_post`. With `client_secret_basic` client id "
                               "and secret travel in the header `Authorization: Basic`."),
        "client_assertion": _text("Of clients with the method `private_key_jwt`: a JWT that the client signed, with "
                                  "`iss` and `sub` the client id, `aud` the issuer, `jti` and `exp`. It counts once."),
        "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
        "scope": _text("Names separated by spaces. Without it, a client's own token carries all that the client is "
                       "subscribed to.", "accounts"),
        "authorization_details": _text("Less than was granted, with a code or refresh token; with `client_credentials` "
                                       "what the token is for (RFC 9396). A JSON array."),
        "code": _text("From the redirect, for `authorization_code`."),
        "redirect_uri": _text("The one of the authorization request, character by character."),
        "code_verifier": {**_text("43 to 128 characters (RFC 7636)."), "minLength": 43, "maxLength": 128},
        "refresh_token": _text("For `refresh_token`. Public clients get a new one each time; using an old one again "
                               "ends the consent."),
    }  # fmt: skip
    answer = {
        "access_token": _text(
            "A signed JWT (RFC 9068). Send it as `Authorization: Bearer …`, or `DPoP …` if token_type says so.",
            "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9…",
        ),
        "token_type": {"type": "string", "enum": ["Bearer", "DPoP"]},
        "expires_in": {"type": "integer", "example": ACCESS_TOKEN_TTL, "description": "Seconds."},
        "scope": _text("What was granted.", "accounts"),
        "refresh_token": _text(f"With a customer's consent; valid for {REFRESH_TOKEN_TTL // 86_400} days.", "rt_5Vb0…"),
        "authorization_details": {**_DETAILS, "description": "As granted, with the accounts that the customer chose."},
        "id_token": _text("If `openid` was asked for.", "eyJhbGciOiJFUzI1NiIsImtpZCI6…"),
    }
    return _operation(
        "token",
        "Get a token",
        "Tokens",
        "Clients that authenticate with a certificate ask on the two-way TLS address, with the certificate of their "
        "service account in the handshake. A certificate that is shown binds the token to it (RFC 8705): calls must "
        f"present the same one.\n\nAn access token is valid for {ACCESS_TOKEN_TTL // 60} minutes. Use it until it ends "
        "instead of asking for each call.\n\nA header `DPoP` with a proof (RFC 9449) binds the token to the key of the "
        "proof instead, or as well: calls must then carry a proof of that key. Clients without it need not care.",
        form=_object(properties, ["grant_type"]),
        answers={"200": _answer("The token.", _object(answer, ["access_token", "token_type", "expires_in", "scope"]))},
    )


def _request_properties() -> Document:
    return {
        "response_type": {"type": "string", "enum": ["code"]},
        "client_id": _text("Of the application.", "app_7f3k2m9q"),
        "redirect_uri": {**_text("A registered one, character by character.", "https://app.example/callback"),
                         "format": "uri"},
        "scope": _text("What the customer is asked for. Required, unless `authorization_details` are sent.",
                       "accounts"),
        "authorization_details": _text("What exactly the customer is asked for (RFC 9396): a JSON array of objects, "
                                       "each of a `type` of a product that the application is subscribed to."),
        "state": _text("Comes back unchanged; compare it (RFC 6749 section 10.12).", "af0ifjsldkj"),
        "code_challenge": {**_text("base64url of the verifier's SHA-256."), "minLength": 43, "maxLength": 43},
        "code_challenge_method": {"type": "string", "enum": ["S256"]},
        "nonce": {**_text("Comes back in the ID token."), "maxLength": 255},
        "response_mode": {"type": "string", "enum": list(RESPONSE_MODES),
                          "description": "`jwt`: the answer comes back as one signed JWT in `response` (JARM)."},
        "request": _text("All of these parameters in a JWT that the client signed (RFC 9101); then nothing beside it "
                         "but client_id counts."),
        "dpop_jkt": _text("Thumbprint of the key whose proof must come with the code (RFC 9449 section 10)."),
    }  # fmt: skip


_NEEDED = ["response_type", "client_id", "redirect_uri", "code_challenge", "code_challenge_method"]


def _authorize(issuer: str) -> Document:
    parameters = [
        {"name": name, "in": "query", "required": name in _NEEDED, "schema": schema}
        for name, schema in _request_properties().items()
    ]
    pushed = _text("From the pushed authorization request. Then `client_id` is the only other parameter.")
    parameters.append({"name": "request_uri", "in": "query", "schema": pushed})
    return _operation(
        "authorize",
        "Send a customer to log in and consent",
        "Customer's consent",
        "Not called by your program: your application sends the customer's browser here. The customer logs in, sees "
        "what is asked for, agrees or not, and comes back to the redirect URI with `code`, `state` and `iss`. Compare "
        f"`state` with what you sent and `iss` with `{issuer}` (RFC 9207). A code is valid for {CODE_TTL} seconds and "
        "works once.\n\nPKCE with S256 is part of every request. Clients of the profile `fapi2` push theirs first.",
        parameters=parameters,
        answers={
            "303": {"description": "Back to the redirect URI, with `code`, or with `error` and `error_description`."}
        },
    )


def _pushed() -> Document:
    answer = {
        "request_uri": _text(
            "Send it with `client_id` to the authorization endpoint.", "urn:ietf:params:oauth:request"
        ),
        "expires_in": {"type": "integer", "example": PUSHED_REQUEST_TTL, "description": "Seconds."},
    }
    return _operation(
        "pushAuthorizationRequest",
        "Push an authorization request",
        "Customer's consent",
        "RFC 9126: the request travels from server to server and cannot be changed in the browser. The client "
        "authenticates as at the token endpoint.",
        form=_object(_request_properties(), _NEEDED),
        answers={"201": _answer("Stored.", _object(answer, ["request_uri", "expires_in"]))},
    )


def _ask_customer() -> Document:
    properties = {
        "scope": _text("`openid` and the scopes that you ask the customer for.", "openid accounts"),
        "login_hint": _text("The customer's identity number. Either this or `id_token_hint`."),
        "id_token_hint": _text("An ID token that your client got for this customer, also an expired one."),
        "binding_message": _text("Shown to the customer; show the same in your application.", "W4SCT"),
        "requested_expiry": {"type": "integer", "description": "Seconds that the customer may take.", "minimum": 1},
        "request": _text("All of these in one signed object instead (section 7.1.1)."),
        "client_id": _text("As at the token endpoint."),
    }
    answer = {
        "auth_req_id": _text("Ask the token endpoint with it, as `auth_req_id`, until the customer has answered."),
        "expires_in": {"type": "integer", "example": BACKCHANNEL_TTL, "description": "Seconds."},
        "interval": {"type": "integer", "example": POLL_INTERVAL, "description": "Seconds between two questions."},
    }
    return _operation(
        "askCustomer",
        "Ask a customer on their own device",
        "Customer's consent",
        "OpenID Connect CIBA Core 1.0, poll mode: no browser is sent anywhere, the customer answers at the bank. For "
        "applications that were allowed it. The client authenticates as at the token endpoint; clients of the "
        "profile `fapi2` sign the request and send a `binding_message`.",
        form=_object(properties, []),
        answers={"200": _answer("The customer is asked.", _object(answer, ["auth_req_id", "expires_in"]))},
    )


def _revoke() -> Document:
    properties = {
        "token": _text("An access or refresh token of this client."),
        "token_type_hint": {"type": "string", "enum": ["access_token", "refresh_token"]},
        "client_id": _text("As at the token endpoint."),
    }
    return _operation(
        "revoke",
        "Revoke a token",
        "Tokens",
        "RFC 7009. The gateway refuses a revoked access token within a second. A revoked refresh token ends the "
        "consent and every token that came of it. An unknown token is answered with 200, too.",
        form=_object(properties, ["token"]),
        answers={"200": {"description": "The token is not valid, or not any more."}},
    )


def _introspect() -> Document:
    answer = {
        "active": {"type": "boolean"},
        "scope": _text("", "accounts"),
        "client_id": _text(""),
        "sub": _text("The customer, or the client itself; never an identity number."),
        "aud": _text("The environment."),
        "exp": {"type": "integer"},
        "iat": {"type": "integer"},
        "authorization_details": {**_DETAILS, "description": "As granted (RFC 9396)."},
        "cnf": {
            "type": "object",
            "description": "What the token is bound to. `x5t#S256`: a certificate; `jkt`: a key (RFC 9449).",
        },
    }
    return _operation(
        "introspect",
        "Look at a token",
        "Tokens",
        "RFC 7662. Tells a client with credentials whether one of its tokens is valid now. Of another client's token "
        "it says `active: false`.",
        form=_object({"token": _text("The token."), "client_id": _text("As at the token endpoint.")}, ["token"]),
        answers={"200": _answer("What is known.", _object(answer, ["active"]))},
    )


def _metadata(issuer: str) -> Document:
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    answer: Document = {name: {"type": "string", "format": "uri"} for name in names}
    answer["issuer"]["example"] = issuer
    answer["mtls_endpoint_aliases"] = {
        "type": "object",
        "description": "The endpoints for clients that present a certificate (RFC 8705 section 5).",
    }
    return _operation(
        "metadata",
        "Read the metadata",
        "Discovery",
        "RFC 8414; the same document is at `/.well-known/openid-configuration`. Libraries read it by themselves.",
        answers={"200": _answer("All endpoints and what they support.", _object(answer, list(names)))},
    )


def _userinfo() -> Document:
    answer = {"sub": _text("The customer, as in the ID token; never an identity number.", "cus_7k2m9q")}
    return _operation(
        "userinfo",
        "Ask who the customer is",
        "Tokens",
        "OpenID Connect Core section 5.3: with an access token of the scope `openid` in the header "
        "`Authorization`, with its certificate or its proof if it is bound to one.",
        answers={"200": _answer("The customer.", _object(answer, ["sub"]))},
    )


def _jwks() -> Document:
    key = {"kty": _text("", "EC"), "crv": _text("", "P-256"), "kid": _text(""), "alg": _text("", "ES256")}
    answer = {"keys": {"type": "array", "items": _object(key, ["kty", "kid"])}}
    return _operation(
        "jwks",
        "Read the public keys",
        "Discovery",
        "RFC 7517: the keys that access tokens and ID tokens are signed with. Fetch them again when a token names a "
        "`kid` that you do not know.",
        answers={"200": _answer("The keys.", _object(answer, ["keys"]))},
    )


def _operation(
    name: str,
    summary: str,
    tag: str,
    description: str,
    *,
    answers: Document,
    form: Document | None = None,
    parameters: list[Document] | None = None,
) -> Document:
    return {
        "operationId": name,
        "summary": summary,
        "tags": [tag],
        "description": description,
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": {"required": True, "content": {_FORM: {"schema": form}}}} if form else {}),
        "responses": {**answers, "default": {"$ref": "#/components/responses/Error"}},
    }


def _answer(description: str, schema: Document | str) -> Document:
    described = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    return {
        "description": description,
        "headers": {"RequestTrackingId": {"$ref": "#/components/headers/RequestTrackingId"}},
        "content": {"application/json": {"schema": described}},
    }


def _object(properties: Document, required: list[str]) -> Document:
    return {"type": "object", "required": required, "properties": properties}


def _text(description: str, example: str = "") -> Document:
    found: Document = {"type": "string"}
    if description:
        found["description"] = description
    if example:
        found["example"] = example
    return found
