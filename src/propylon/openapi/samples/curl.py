"""Samples for bash and curl (7.84 or newer)."""

from __future__ import annotations

from propylon.kernel.certificate_files import CA_FILE, CERTIFICATE_FILE, KEY_FILE
from propylon.openapi.samples.call import SampleCall, SampleClient, all_headers, comment, needed_files, words_of
from propylon.openapi.samples.literals import shell


def filename(call: SampleCall) -> str:
    return "-".join(words_of(call.name)) + ".sh"


def write(call: SampleCall, client: SampleClient) -> str:
    lines = [
        "#!/usr/bin/env bash",
        f"# {comment(call.title)}",
        *(f"# {sentence}" for sentence in needed_files(call, client)),
        "set -euo pipefail",
        "",
        f'tls=(--cacert "${{CA_FILE:-{CA_FILE}}}")',
    ]
    if client.has_certificate:
        lines.append(f'tls+=(--cert "${{CLIENT_CERTIFICATE:-{CERTIFICATE_FILE}}}" --key "${{CLIENT_KEY:-{KEY_FILE}}}")')
    if call.needs_token:
        lines += _token(call, client)
    return "\n".join([*lines, *_call(call), ""])


def _token(call: SampleCall, client: SampleClient) -> list[str]:
    if not client.uses_client_credentials:
        return ["", "# The access token that your application got by the authorization code flow.",
                'token="${ACCESS_TOKEN:?Put an access token of a customer into ACCESS_TOKEN.}"']  # fmt: skip
    client_id = shell(client.client_id) if client.client_id else '"${CLIENT_ID:?Put your client id into CLIENT_ID.}"'
    return [
        "",
        "# Step 1: token. The client certificate says who you are (RFC 8705, section 2.1).",
        f"client_id={client_id}",
        "answer=$(",
        '  curl --silent --show-error --fail-with-body "${tls[@]}" \\',
        '    --data-urlencode "grant_type=client_credentials" \\',
        '    --data-urlencode "client_id=$client_id" \\',
        f"    --data-urlencode scope={shell(call.scope)} \\",
        f"    {shell(call.token_url)}",
        ") || { printf 'No token: %s\\n' \"$answer\" >&2; exit 1; }",
        """token=$(printf '%s' "$answer" | sed -n 's/.*"access_token": *"\\([^"]*\\)".*/\\1/p')""",
    ]


def _call(call: SampleCall) -> list[str]:
    lines = [
        "",
        "# Step 2: the call." if call.needs_token else "# The call.",
        'curl --silent --show-error --fail-with-body --globoff "${tls[@]}" \\',
        f"  --request {shell(call.method)} \\",
    ]
    if call.needs_token:  # not on the command line, where every user of the machine can read it
        lines.append("  --header @<(printf 'Authorization: Bearer %s\\n' \"$token\") \\")
    lines += [f"  --header {shell(f'{name}: {value}')} \\" for name, value in all_headers(call)]
    if call.body is not None:
        lines.append(f"  --data-raw {shell(call.body)} \\")
    lines += [
        "  --write-out '\\n%{stderr}Status %{http_code}, RequestTrackingId %header{requesttrackingid}\\n' \\",
        f"  {shell(call.url)}",
    ]
    return lines
