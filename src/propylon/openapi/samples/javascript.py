"""Samples for node 18 or newer, without packages."""

from __future__ import annotations

from propylon.kernel.certificate_files import CA_FILE, CERTIFICATE_FILE, KEY_FILE
from propylon.openapi.samples.call import SampleCall, SampleClient, all_headers, comment, needed_files, words_of
from propylon.openapi.samples.literals import javascript as literal
from propylon.openapi.samples.literals import visible

_SEND = """\
function send(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { method, headers, ...tls }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}
"""


def filename(call: SampleCall) -> str:
    return "-".join(words_of(call.name)) + ".mjs"


def write(call: SampleCall, client: SampleClient) -> str:
    lines = [
        f"// {comment(call.title)}",
        *(f"// {sentence}" for sentence in needed_files(call, client)),
        'import fs from "node:fs";',
        'import https from "node:https";',
        "",
        "const { env } = process;",
        "const tls = {",
        f'  ca: fs.readFileSync(env.CA_FILE ?? "{CA_FILE}"),',
    ]
    if client.has_certificate:
        lines += [
            f'  cert: fs.readFileSync(env.CLIENT_CERTIFICATE ?? "{CERTIFICATE_FILE}"),',
            f'  key: fs.readFileSync(env.CLIENT_KEY ?? "{KEY_FILE}"),',
        ]
    lines += ["};", "", _SEND]
    return "\n".join([*lines, *(_token(call, client) if call.needs_token else []), *_call(call), ""])


def _token(call: SampleCall, client: SampleClient) -> list[str]:
    if not client.uses_client_credentials:
        return [
            "// The access token that your application got by the authorization code flow.",
            "const token = env.ACCESS_TOKEN;",
            'if (!token) throw new Error("Put a customer\'s access token into ACCESS_TOKEN.");',
            "",
        ]
    return [
        "// Step 1: token. The client certificate says who you are (RFC 8705, section 2.1).",
        "const form = new URLSearchParams({",
        '  grant_type: "client_credentials",',
        f"  client_id: {literal(client.client_id) if client.client_id else 'env.CLIENT_ID'},",
        f"  scope: {literal(call.scope)},",
        "});",
        "const granted = await send(",
        '  "POST",',
        f"  {literal(call.token_url)},",
        '  { "Content-Type": "application/x-www-form-urlencoded" },',
        "  form.toString(),",
        ");",
        "if (granted.status !== 200) throw new Error(`No token: ${granted.status} ${granted.text}`);",
        "const token = JSON.parse(granted.text).access_token;",
        "",
    ]


def _call(call: SampleCall) -> list[str]:
    headers = [f"    {literal(name)}: {literal(value)}," for name, value in all_headers(call)]
    if call.needs_token:
        headers.insert(0, "    Authorization: `Bearer ${token}`,")
    return [
        "// Step 2: the call." if call.needs_token else "// The call.",
        "const answer = await send(",
        f"  {literal(call.method)},",
        f"  {literal(call.url)},",
        "  {",
        *headers,
        "  },",
        *([f"  {_body(call)},"] if call.body is not None else []),
        ");",
        'console.error(`Status ${answer.status}, RequestTrackingId ${answer.headers.requesttrackingid ?? ""}`);',
        "console.log(answer.text);",
        "process.exitCode = answer.status < 400 ? 0 : 1;",
    ]


def _body(call: SampleCall) -> str:
    """JSON as an object. `__proto__` would mean something else in one (ECMA-262, B.3.1), so it stays a text then."""
    text = call.body or ""
    if not call.is_json or "__proto__" in text or "\\u" in text:
        return literal(text)
    indented = visible(text).replace("\n", "\n  ")
    return f"JSON.stringify({indented})"
