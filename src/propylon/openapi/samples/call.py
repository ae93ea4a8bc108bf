"""What a sample does: get a token, make one call. Everything here may come from a stranger's document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from propylon.kernel.certificate_files import CA_FILE, CERTIFICATE_FILE, KEY_FILE
from propylon.openapi.examples import ExampleRequest
from propylon.openapi.request_address import address_of, headers_of, value_problem

# A sample's files lie elsewhere, and its token comes from here, if these variables of the environment say so.
CA_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE = "CA_FILE", "CLIENT_CERTIFICATE", "CLIENT_KEY"
CLIENT_VARIABLE, TOKEN_VARIABLE = "CLIENT_ID", "ACCESS_TOKEN"


@dataclass(frozen=True, slots=True)
class SampleClient:
    """The application that calls. `client_id` "" leaves it to the environment variable CLIENT_ID."""

    client_id: str
    uses_client_credentials: bool  # else a customer's token comes from the environment variable ACCESS_TOKEN
    has_certificate: bool


@dataclass(frozen=True, slots=True)
class SampleCall:
    """One call, ready to be written down in any language."""

    name: str  # the operation's id
    title: str
    method: str
    url: str  # ASCII, percent-encoded
    token_url: str
    ca_url: str
    scope: str
    needs_token: bool
    headers: Sequence[tuple[str, str]] = ()
    body: str | None = None
    media_type: str = ""
    is_json: bool = field(default=False)


def sample_call(
    request: ExampleRequest,
    *,
    name: str,
    base_url: str,
    token_url: str,
    ca_url: str,
    scopes: Sequence[str],
    needs_token: bool = True,
) -> SampleCall:
    """The operation's minimal example: required parameters and the body."""
    by_key = {parameter.key: parameter for parameter in request.parameters}
    values = {key: text for key, text in request.values.items() if not value_problem(by_key[key], text)}
    return SampleCall(
        name=name,
        title=request.summary or name,
        method=request.method,
        url=base_url + address_of(request, values),
        token_url=token_url,
        ca_url=ca_url,
        scope=" ".join(scopes),
        needs_token=needs_token,
        headers=(("Accept", "application/json"), *headers_of(request, values).items()),
        body=request.body.text if request.body else None,
        media_type=request.body.media_type if request.body else "",
        is_json=bool(request.body and request.body.is_json),
    )


def all_headers(call: SampleCall) -> list[tuple[str, str]]:
    """Also the content type, where there is a body."""
    more = [("Content-Type", call.media_type)] if call.body is not None else []
    return [*call.headers, *more]


def comment(text: str) -> str:
    """Words that are safe in a comment of every language: no quotes, no backslashes, one line."""
    return " ".join(re.sub(r"[^\w .,:/{}()-]", " ", text).split())[:120]


def words_of(name: str) -> list[str]:
    """`listAccounts` and `list_accounts` as ["list", "accounts"]; ASCII only, so that it may name a file."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word.lower() for word in re.findall(r"[A-Za-z0-9]+", spaced)][:8] or ["operation"]


def needed_files(call: SampleCall, client: SampleClient) -> tuple[str, ...]:
    """Lines: what has to be there before the sample runs, where from, and how to say that it lies elsewhere."""
    if client.has_certificate:
        return (
            f"Needs {CA_FILE} (from {call.ca_url}) beside it,",
            f"and {CERTIFICATE_FILE} and {KEY_FILE} from the zip that the link in the certificate's mail downloads;",
            f"{CA_VARIABLE}, {CERTIFICATE_VARIABLE} and {KEY_VARIABLE} name other places.",
        )
    return f"Needs {CA_FILE} (from {call.ca_url}) beside it;", f"{CA_VARIABLE} names another place."
