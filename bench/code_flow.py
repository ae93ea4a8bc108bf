"""The whole code flow of a customer who is logged in (PAR, authorize, token) beside node oidc-provider.

One worker process of each, over plain HTTP on loopback, with as many browsers as `BROWSERS`, each with its own login
and its own connection. `prompt=none` says that there is a login and a consent: no page is made on either side.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

sys.path.insert(0, str(Path(__file__).parent))

from footprint import tree_footprint
from grants import NODE
from installation import Installation, installation
from neighbours import free_port, running

from propylon.cli.demo.form_browser import FormReader

HERE = Path(__file__).parent
CALLBACK = "https://localhost/callback"
BROWSERS, SLICES, SLICE_SECONDS = 4, 4, 3


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server's endpoints are, and what its client is called."""

    port: int
    pid: int
    par: str
    authorize: str
    token: str
    client: Mapping[str, str]
    scope: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Browser:
    """One customer's cookies, on a connection of their own; it speaks for the client as well."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port)
        self._cookies: dict[str, str] = {}

    def request(self, method: str, target: str, form: Mapping[str, str] | None = None) -> tuple[int, str, bytes]:
        """Status, `Location` and body."""
        headers = {**self.server.headers, "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, target, urlencode(form) if form is not None else None, headers)
        answer = self._connection.getresponse()
        body = answer.read()
        for cookie in answer.headers.get_all("set-cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.headers.get("location", ""), body

    def follow(self, target: str, page: Callable[[Browser, str, bytes], tuple[int, str, bytes]]) -> str:
        """Redirects, and pages as `page` answers them, until the callback's address."""
        status, location, body = self.request("GET", target)
        for _ in range(12):
            if location.startswith(CALLBACK):
                return location
            if location:
                target = _target(urljoin(f"http://127.0.0.1{target}", location))
                status, location, body = self.request("GET", target)
            elif status == 200:
                status, location, body = page(self, target, body)
            else:
                raise RuntimeError(f"{target}: {status} {body[:300]!r}")
        raise RuntimeError(f"the redirects do not end: {target}")

    def flow(self, *, prompt: str = "none", page: Any = None) -> dict[str, Any]:
        """One authorization and its tokens."""
        server, verifier = self.server, secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "redirect_uri": CALLBACK, "scope": server.scope, "state": "s", "prompt": prompt,
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        if prompt != "none":
            del asked["prompt"]
        status, _, body = self.request("POST", server.par, {**server.client, **asked})
        if status != 201:
            raise RuntimeError(f"{server.par}: {status} {body[:300]!r}")
        address = {"client_id": server.client["client_id"], "request_uri": json.loads(body)["request_uri"]}
        back = parse_qs(urlsplit(self.follow(f"{server.authorize}?{urlencode(address)}", page)).query)
        if "code" not in back:
            raise RuntimeError(str(back))
        form = {"grant_type": "authorization_code", "code": back["code"][0], "redirect_uri": CALLBACK}
        status, _, body = self.request("POST", server.token, {**server.client, **form, "code_verifier": verifier})
        if status != 200:
            raise RuntimeError(f"{server.token}: {status} {body[:300]!r}")
        answer: dict[str, Any] = json.loads(body)
        return answer


def _target(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def fill_in(identity: Mapping[str, str]) -> Callable[[Browser, str, bytes], tuple[int, str, bytes]]:
    """Logs in and allows, as the customer would."""

    def answer(browser: Browser, target: str, body: bytes) -> tuple[int, str, bytes]:
        reader = FormReader()
        reader.feed(body.decode())
        forms = {form.identifier: form for form in reader.forms}
        if "login-form" in forms:
            form = forms["login-form"]
            values = form.fields | {form.names[name]: value for name, value in identity.items()}
        else:
            form = forms["consent-form"]
            name, value = form.buttons["consent-allow"]
            values = form.fields | ({name: value} if name else {})
        return browser.request("POST", _target(urljoin(f"http://127.0.0.1{target}", form.action or target)), values)

    return answer


def measure(server: Server, browsers: list[Browser], seconds: float) -> tuple[float, float]:
    """Flows a second, and milliseconds of the server's processor for each."""
    end, counts = time.monotonic() + seconds, [0] * len(browsers)

    def go(place: int) -> None:
        while time.monotonic() < end:
            browsers[place].flow()
            counts[place] += 1

    before, began = _busy(server.pid), time.monotonic()
    threads = [threading.Thread(target=go, args=(place,)) for place in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - began), (_busy(server.pid) - before) / sum(counts) * 1000


def _busy(pid: int) -> float:
    return sum(each.cpu_seconds for each in tree_footprint(pid))


@contextmanager
def ours(system: Installation) -> Iterator[tuple[Server, list[Browser]]]:
    done = subprocess.run(
        [sys.executable, str(HERE / "code_flow_party.py"), str(BROWSERS)],
        env=system.environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    facts = json.loads(done.stdout)
    port = free_port()
    command = [sys.executable, str(HERE / "token_worker.py"), str(port)]
    with running(command, port, environment=system.environment) as process:
        origin = urlsplit(system.public_url)
        server = Server(
            port,
            process.pid,
            "/oauth/par",
            "/oauth/authorize",
            "/oauth/token",
            {"client_id": facts["client_id"], "client_secret": facts["client_secret"]},
            "openid bench",
            {
                "Host": origin.netloc,
                "Origin": system.public_url,
                "x-forwarded-proto": "https",
                "x-propylon-listener": "public",
                "x-propylon-source-address": "127.0.0.1",
            },
        )
        browsers = [Browser(server) for _ in range(BROWSERS)]
        for browser, identity in zip(browsers, facts["identities"], strict=True):
            browser.flow(prompt="", page=fill_in(identity))
        yield server, browsers


@contextmanager
def theirs() -> Iterator[tuple[Server, list[Browser]]]:
    port = free_port()
    with running([str(NODE), str(HERE / "oidc_provider.mjs"), str(port), "jwt"], port) as process:
        client = {"client_id": "web-neighbour", "client_secret": "a-secret-of-the-benchmark-that-is-long-enough"}
        server = Server(port, process.pid, "/request", "/auth", "/token", client, "openid accounts")
        browsers = [Browser(server) for _ in range(BROWSERS)]
        for browser in browsers:
            browser.flow(prompt="")
        yield server, browsers


def code_flow_rows(system: Installation) -> list[tuple[str, str, str]]:
    """For the table of `make bench`: adjacent slices of each in turn."""
    found: list[tuple[tuple[float, float], tuple[float, float]]] = []
    with ours(system) as (our_server, our_browsers), theirs() as (their_server, their_browsers):
        for number in range(SLICES + 1):
            mine = measure(our_server, our_browsers, SLICE_SECONDS)
            other = measure(their_server, their_browsers, SLICE_SECONDS)
            if number:  # the first round warms up
                found.append((mine, other))
    ratio = statistics.median(mine[0] / other[0] for mine, other in found)
    by_time = statistics.median(other[1] / mine[1] for mine, other in found)
    rates = [statistics.median(each[side][0] for each in found) for side in (0, 1)]
    times = [statistics.median(each[side][1] for each in found) for side in (0, 1)]
    return [
        (
            "whole code flow (PAR, authorize with a login, token) per worker process / oidc-provider",
            f"{ratio:.2f} ({rates[0]:,.0f} / {rates[1]:,.0f} flows/s)",
            "≥ 1.5",
        ),
        ("the same by processor time", f"{by_time:.2f} ({times[1]:.1f} / {times[0]:.1f} ms)", ""),
    ]


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="propylon-bench-") as folder,
        installation(Path(folder) / "home", "--empty") as system,
    ):
        system.fill(Path(folder), upstream_port=9, applications=20, tokens=20, marks=10)
        for row in code_flow_rows(system):
            print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
