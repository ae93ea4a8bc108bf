"""The web application behind the real server on a Unix socket: token path and Django's pages alike."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

_SERVER = """
import importlib
import sys
import types
from pathlib import Path

from granian.constants import Interfaces
from propylon.cli.unix_server import serve
from propylon.project.rsgi import application

from django.conf import settings
from django.db import connections
from django.http import StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

@csrf_exempt
def echo(request, rest=""):
    print("seen", len(request.body), flush=True)
    headers = {"X-Query": request.META["QUERY_STRING"], "X-Path": request.path}
    return StreamingHttpResponse(iter([request.body[:3], request.body[3:]]), headers=headers)

@csrf_exempt
def opened(request):
    before = connections["default"].connection
    connections["default"].ensure_connection()
    return StreamingHttpResponse(iter([b"old" if before is connections["default"].connection else b"new"]))

with_echo = types.ModuleType("with_echo")
with_echo.urlpatterns = [path("echo", echo), path("echo/<path:rest>", echo), path("opened", opened)]
with_echo.urlpatterns += importlib.import_module(settings.ROOT_URLCONF).urlpatterns
sys.modules["with_echo"] = with_echo
settings.ROOT_URLCONF = "with_echo"
serve(application, Path(sys.argv[1]), Interfaces.RSGI)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[subprocess.Popen[str], Path]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "web.sock"
        environment = {**os.environ, "PROPYLON_HOME": folder}
        command = [sys.executable, "-c", _SERVER, str(path)]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                _wait_for(path, process)
                yield process, path
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=20) == 0


def _wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.02)
    pytest.fail("the server does not listen")


@pytest.fixture
def web(server: tuple[subprocess.Popen[str], Path]) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(uds=str(server[1]))
    with httpx.Client(transport=transport, base_url="http://localhost", timeout=60) as client:
        yield client


def test_django_answers_all_but_the_token_path(web: httpx.Client) -> None:
    answer = web.get("/manage/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")
    assert len(answer.headers["requesttrackingid"]) == 36
    assert web.head("/manage/v1/openapi.json").content == b""


def test_a_body_arrives_whole_and_a_stream_goes_out_whole(web: httpx.Client) -> None:
    body = b"0123456789" * 100_000
    answer = web.post("/echo/a%20b?q=%20x", content=body)
    assert answer.content == body
    assert (answer.headers["x-path"], answer.headers["x-query"]) == ("/echo/a b", "q=%20x")
    assert web.post("/echo", content=iter([b"abc", b"def"])).content == b"abcdef"  # of unannounced length
    assert web.get("/echo").content == b""


def test_a_thread_keeps_its_database(web: httpx.Client) -> None:
    answers = [web.get("/opened").content for _ in range(40)]
    assert answers.count(b"new") <= 16  # as many threads as there are at most
    assert set(answers) <= {b"new", b"old"}


def test_a_body_that_breaks_off_reaches_no_view(server: tuple[subprocess.Popen[str], Path], web: httpx.Client) -> None:
    process, path = server
    for start in (b"content-length: 10\r\n\r\nabc", b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"):
        with socket.socket(socket.AF_UNIX) as broken:
            broken.connect(str(path))
            broken.sendall(b"POST /echo HTTP/1.1\r\nhost: localhost\r\n" + start)
    assert web.post("/echo", content=b"x" * 11).content == b"x" * 11
    assert process.stdout
    seen = []
    while not seen or seen[-1] != "seen 11\n":
        seen.append(process.stdout.readline())
    assert not {"seen 3\n", "seen 10\n"} & set(seen)


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ([("content-type", "application/x-www-form-urlencoded")], b"grant_type=", 400),
        ([("content-type", "text/plain")], b"grant_type=client_credentials", 400),
        ([("authorization", "Basic eA=="), ("authorization", "Basic eQ==")], b"grant_type=client_credentials", 400),
        ([("authorization", b"Basic \xff")], b"grant_type=client_credentials", 400),
        ([("content-type", "application/x-www-form-urlencoded")], b"x" * 3_000_000, 413),
    ],
)
def test_bad_input_gets_a_clear_answer(
    web: httpx.Client, headers: list[tuple[str, str | bytes]], content: bytes, status: int
) -> None:
    answer = web.post("/oauth/token", content=content, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["error"]) == (status, "invalid_request")
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.headers["requesttrackingid"]) == 36


def test_the_gateways_tracking_id_comes_back_and_preflights_are_answered(web: httpx.Client) -> None:
    tracking = {"requesttrackingid": "6f1c0b52-6f0e-4a8b-9a53-0d8a5c7ad001"}
    answer = web.options("/oauth/token", headers=tracking)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["requesttrackingid"] == tracking["requesttrackingid"]
    assert answer.headers["access-control-allow-methods"] == "POST"
