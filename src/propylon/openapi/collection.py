"""A product version as a Postman collection, and its environment (format v2.1.0), ready to run in Postman and newman.

No secret is ever in them: collections get mailed and committed. The environment has the places for them, of type
`secret` and empty.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from propylon.openapi.postman_request import CollectionOperation, request_item

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
CALLBACK = "https://oauth.pstmn.io/v1/callback"  # where Postman waits for authorization codes
TOKEN_REQUEST = "Step 1: token"  # noqa: S105  (a request's name)
_NAMESPACE = uuid.UUID("6d0b3f4e-3c0e-5d0a-9b52-0c6f7a1d2e43")

_AFTER_EACH = (
    'pm.test("Status is below 400", () => pm.expect(pm.response.code).to.be.below(400));',
    "const trackingId = pm.response.headers.get('RequestTrackingId');",
    "console.log(`${pm.info.requestName}: status ${pm.response.code}, RequestTrackingId ${trackingId}`);",
)
_KEEP_TOKEN = (
    "const answer = pm.response.json();",
    'const place = pm.environment.has("access_token") ? pm.environment : pm.collectionVariables;',
    'if (answer.access_token) place.set("access_token", answer.access_token);',
    'if (answer.refresh_token && pm.environment.has("refresh_token")) {',
    '  pm.environment.set("refresh_token", answer.refresh_token);',
    "}",
)
_SKIP_WITHOUT_REFRESH_TOKEN = (
    'if (!pm.variables.get("refresh_token")) {',
    '  console.log("No refresh token: the variable access_token is used as it is.");',
    "  pm.execution.skipRequest();",
    "}",
)


@dataclass(frozen=True, slots=True)
class CollectionClient:
    """The application that calls, and where; addresses without a slash at their end.

    `base_url` is the environment's on the listener that this application calls: "https://api.bank.example:444/sandbox".
    """

    name: str  # "Ledger Sync", or "" when nobody chose an application
    client_id: str
    auth_method: str  # tls_client_auth, client_secret_basic, client_secret_post, none
    uses_client_credentials: bool
    has_certificate: bool
    pushes_requests: bool  # RFC 9126 is asked of it, which Postman's OAuth 2.0 tab cannot do
    scopes: tuple[str, ...]
    base_url: str
    token_url: str
    authorize_url: str
    ca_url: str


@dataclass(frozen=True, slots=True)
class CollectionVersion:
    """What is collected. `base_path` follows the environment's URL: "/accounts/v1"."""

    product: str
    title: str
    version: str
    environment: str
    description: str
    base_path: str
    operations: Sequence[CollectionOperation]


def postman_collection(version: CollectionVersion, client: CollectionClient) -> dict[str, Any]:
    folders: dict[str, list[dict[str, Any]]] = {}
    for operation in version.operations:
        folders.setdefault(operation.folder, []).append(request_item(operation, version.base_path))
    return {
        "info": {
            "_postman_id": _identifier("collection", version, client),
            "name": _name(version, client),
            "description": f"{version.description}\n\n{_instructions(client)}".strip(),
            "schema": SCHEMA,
        },
        "auth": {"type": "oauth2", "oauth2": _oauth2(version, client)},
        "event": [_script("test", _AFTER_EACH)],
        "variable": [{"key": "access_token", "value": ""}],
        "item": [_token_item(client), *({"name": name, "item": items} for name, items in folders.items())],
    }


def postman_environment(version: CollectionVersion, client: CollectionClient) -> dict[str, Any]:
    values = [
        _variable("base_url", client.base_url),
        _variable("token_url", client.token_url),
        _variable("authorize_url", client.authorize_url),
        _variable("client_id", client.client_id),
        _variable("scope", " ".join(client.scopes)),
    ]
    if client.auth_method.startswith("client_secret"):
        values.append(_variable("client_secret", "", is_secret=True))
    if not client.uses_client_credentials:
        values += [_variable("access_token", "", is_secret=True), _variable("refresh_token", "", is_secret=True)]
    return {
        "id": _identifier("environment", version, client),
        "name": f"{_name(version, client)}, {version.environment}",
        "values": values,
        "_postman_variable_scope": "environment",
    }


def _oauth2(version: CollectionVersion, client: CollectionClient) -> list[dict[str, Any]]:
    """The OAuth 2.0 tab, filled in."""
    settings: dict[str, Any] = {
        "tokenName": f"{version.product} {version.version}",
        "grant_type": "client_credentials" if client.uses_client_credentials else "authorization_code_with_pkce",
        "accessTokenUrl": "{{token_url}}",
        "authUrl": "{{authorize_url}}",
        "clientId": "{{client_id}}",
        "clientSecret": "{{client_secret}}" if client.auth_method.startswith("client_secret") else "",
        "scope": "{{scope}}",
        "state": "{{$guid}}",
        "redirect_uri": CALLBACK,
        "useBrowser": True,
        "challengeAlgorithm": "S256",
        "client_authentication": "header" if client.auth_method == "client_secret_basic" else "body",
        "addTokenTo": "header",
        "headerPrefix": "Bearer",
        "accessToken": "{{access_token}}",
    }
    return [
        {"key": key, "value": value, "type": "boolean" if isinstance(value, bool) else "string"}
        for key, value in settings.items()
    ]


def _token_item(client: CollectionClient) -> dict[str, Any]:
    """The request that makes the collection run by itself."""
    form = {"client_id": "{{client_id}}"}
    scripts = [_script("test", _KEEP_TOKEN)]
    auth: dict[str, Any] = {"type": "noauth"}
    if client.uses_client_credentials:
        form |= {"grant_type": "client_credentials", "scope": "{{scope}}"}
    else:
        form |= {"grant_type": "refresh_token", "refresh_token": "{{refresh_token}}"}
        scripts.insert(0, _script("prerequest", _SKIP_WITHOUT_REFRESH_TOKEN))
    if client.auth_method == "client_secret_post":
        form["client_secret"] = "{{client_secret}}"  # noqa: S105  (a place for one)
    if client.auth_method == "client_secret_basic":
        form.pop("client_id")
        names = (("username", "{{client_id}}"), ("password", "{{client_secret}}"))
        auth = {
            "type": "basic",
            "basic": [{"key": key, "value": value, "type": "string"} for key, value in names],
        }
    return {
        "name": TOKEN_REQUEST,
        "event": scripts,
        "request": {
            "auth": auth,
            "method": "POST",
            "header": [{"key": "Accept", "value": "application/json"}],
            "url": {"raw": "{{token_url}}", "host": ["{{token_url}}"]},
            "body": {"mode": "urlencoded", "urlencoded": [{"key": key, "value": form[key]} for key in form]},
            "description": _instructions(client),
        },
        "response": [],
    }


def _instructions(client: CollectionClient) -> str:
    first = (
        f"Choose the environment that was downloaded with this collection, and trust the authority: {client.ca_url} "
        "goes into Postman's settings under Certificates, or to newman as --ssl-extra-ca-certs."
    )
    sentences = [first]
    if client.has_certificate:
        sentences.append(
            "Add the application's client certificate and key there too, for the host of base_url and token_url "
            "(newman: --ssl-client-cert and --ssl-client-key)."
        )
    if client.uses_client_credentials:
        sentences.append(f'Then run the collection: "{TOKEN_REQUEST}" gets a token, the other requests use it.')
    elif client.pushes_requests:
        sentences.append(
            "This application must push its authorization requests (RFC 9126); Postman's OAuth 2.0 tab cannot. "
            "Put a refresh token or an access token of your application into the environment."
        )
    else:
        sentences.append(
            f"Allow {CALLBACK} as a redirect URI of the application, then press Get New Access Token on the "
            "collection's Authorization tab. To run it without a browser, put a refresh token or an access token into "
            "the environment."
        )
    return " ".join(sentences)


def _name(version: CollectionVersion, client: CollectionClient) -> str:
    return f"{version.title} {version.version}" + (f" for {client.name}" if client.name else "")


def _identifier(kind: str, version: CollectionVersion, client: CollectionClient) -> str:
    """The same for the same download, so that importing it again replaces it."""
    return str(
        uuid.uuid5(_NAMESPACE, "|".join((kind, client.base_url, version.product, version.version, client.client_id)))
    )


def _script(listen: str, lines: Sequence[str]) -> dict[str, Any]:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": list(lines)}}


def _variable(key: str, value: str, *, is_secret: bool = False) -> dict[str, Any]:
    return {"key": key, "value": value, "type": "secret" if is_secret else "default", "enabled": True}
