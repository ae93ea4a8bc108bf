"""Samples for Python 3.9 or newer with httpx."""

from __future__ import annotations

import json
import pprint

from propylon.kernel.certificate_files import CA_FILE, CERTIFICATE_FILE, KEY_FILE
from propylon.openapi.samples.call import SampleCall, SampleClient, all_headers, comment, needed_files, words_of
from propylon.openapi.samples.literals import python as literal


def filename(call: SampleCall) -> str:
    return "_".join(words_of(call.name)) + ("_sample" if len(words_of(call.name)) == 1 else "") + ".py"


def write(call: SampleCall, client: SampleClient) -> str:
    lines = [
        f"# {comment(call.title)}",
        *(f"# {sentence}" for sentence in needed_files(call, client)),
        "# Install the HTTP client first: pip install httpx",
        "import os",
        "import ssl",
        "import sys",
        "",
        "import httpx",
        "",
        f'tls = ssl.create_default_context(cafile=os.environ.get("CA_FILE", "{CA_FILE}"))',
    ]
    if client.has_certificate:
        lines += [
            "tls.load_cert_chain(",
            f'    os.environ.get("CLIENT_CERTIFICATE", "{CERTIFICATE_FILE}"),',
            f'    os.environ.get("CLIENT_KEY", "{KEY_FILE}"),',
            ")",
        ]
    lines += ["", "with httpx.Client(verify=tls, timeout=30) as client:"]
    body = [*(_token(call, client) if call.needs_token else []), *_call(call)]
    return "\n".join(lines + [f"    {line}" if line else "" for line in body] + [""])


def _token(call: SampleCall, client: SampleClient) -> list[str]:
    if not client.uses_client_credentials:
        return ["# The access token that your application got by the authorization code flow.",
                'token = os.environ["ACCESS_TOKEN"]', ""]  # fmt: skip
    client_id = literal(client.client_id) if client.client_id else 'os.environ["CLIENT_ID"]'
    return [
        "# Step 1: token. The client certificate says who you are (RFC 8705, section 2.1).",
        "answer = client.post(",
        f"    {literal(call.token_url)},",
        "    data={",
        '        "grant_type": "client_credentials",',
        f'        "client_id": {client_id},',
        f'        "scope": {literal(call.scope)},',
        "    },",
        ")",
        "if answer.is_error:",
        '    sys.exit(f"No token: {answer.status_code} {answer.text}")',
        'token = answer.json()["access_token"]',
        "",
    ]


def _call(call: SampleCall) -> list[str]:
    headers = [f"        {literal(name)}: {literal(value)}," for name, value in all_headers(call)]
    if call.needs_token:
        headers.insert(0, '        "Authorization": f"Bearer {token}",')
    lines = [
        "# Step 2: the call." if call.needs_token else "# The call.",
        "answer = client.request(",
        f"    {literal(call.method)},",
        f"    {literal(call.url)},",
        "    headers={",
        *headers,
        "    },",
    ]
    if call.body is not None:
        lines += _body(call)
    return [
        *lines,
        ")",
        'tracking_id = answer.headers.get("RequestTrackingId", "")',
        'print(f"Status {answer.status_code}, RequestTrackingId {tracking_id}", file=sys.stderr)',
        "print(answer.text)",
        "sys.exit(answer.is_error)",
    ]


def _body(call: SampleCall) -> list[str]:
    """JSON as Python's own values, anything else as it is sent."""
    if not call.is_json:
        return [f"    content={literal(call.body or '')}.encode(),"]
    written = pprint.pformat(json.loads(call.body or "null"), width=92, sort_dicts=False)
    first, *rest = written.split("\n")
    return (
        [f"    json={first}", *(f"         {line}" for line in rest[:-1]), f"         {rest[-1]},"]
        if rest
        else [f"    json={first},"]
    )
