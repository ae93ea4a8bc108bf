"""Client-credentials grants over mutual TLS: ours through Envoy, beside node oidc-provider, which speaks TLS itself.

wrk sends no client certificate, and Envoy takes no HTTP/1.0 of `ab`: so the load is made here, by bytes that are ready
and sockets that stay open, as many for both. Behind our Envoy is one worker process of the web application.
"""

from __future__ import annotations

import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from footprint import tree_footprint
from grants import NODE
from installation import Installation, installation
from neighbours import free_port, running

HERE = Path(__file__).parent
SLICES, REQUESTS, CONNECTIONS = 4, 6_000, 12


def mutual_grant_rows(system: Installation, folder: Path, client_id: str) -> list[tuple[str, str, str]]:
    """For the table of `make bench`: adjacent slices of each in turn."""
    identity = folder / "mutual"
    subprocess.run(
        [sys.executable, str(HERE / "identity.py"), client_id, str(identity)],
        env=system.environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    both = folder / "mutual.pem"  # certificate, chain and key, in one file
    both.write_text(Path(f"{identity}.crt").read_text() + Path(f"{identity}.key").read_text())
    both.chmod(0o600)
    our_form = f"grant_type=client_credentials&client_id={client_id}&scope=bench"
    their_form = "grant_type=client_credentials&client_id=mutual-neighbour&scope=accounts"
    port = free_port()
    tls = [str(system.home / "tls" / "server.crt"), str(system.home / "tls" / "server.key")]
    authority = _authorities(system, folder)
    command = [str(NODE), str(HERE / "oidc_provider.mjs"), str(port), "jwt", *tls, authority, _common_name(both)]
    found: list[tuple[float, float, float, float]] = []
    with running(command, port) as neighbour:
        for number in range(SLICES + 1):
            before = _busy(system.process.pid)
            ours = _load(system.mutual_port, "/oauth/token", our_form, both)
            our_time = (_busy(system.process.pid) - before) / REQUESTS
            before = _busy(neighbour.pid)
            theirs = _load(port, "/token", their_form, both)
            if number:  # the first round warms up
                found.append((ours, theirs, our_time, (_busy(neighbour.pid) - before) / REQUESTS))
    ratio = statistics.median(theirs / ours for _, _, ours, theirs in found)
    our_rate, their_rate, our_time, their_time = (statistics.median(each[side] for each in found) for side in range(4))
    rates = f"{our_rate:,.0f} / {their_rate:,.0f} grants/s with the load on the same cores"
    times = f"{their_time * 1e6:.0f} / {our_time * 1e6:.0f} µs"
    what = "client-credentials grants over mutual TLS / oidc-provider, by processor time, our Envoy's included"
    return [(what, f"{ratio:.2f} ({times}; {rates})", "≥ 1.5")]


def _busy(pid: int) -> float:
    return sum(each.cpu_seconds for each in tree_footprint(pid))


def _authorities(system: Installation, folder: Path) -> str:
    """What the neighbour trusts: the same as our `mutual` listener."""
    bundle = folder / "authorities.pem"
    chain = Path(folder / "mutual.crt").read_text().partition("-----END CERTIFICATE-----\n")[2]
    bundle.write_text(chain + (system.home / "ca" / "ca.crt").read_text())
    return str(bundle)


def _common_name(certificate: Path) -> str:
    subject = subprocess.run(
        ["openssl", "x509", "-in", str(certificate), "-noout", "-subject", "-nameopt", "multiline"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"commonName\s*= (\S+)", subject)
    assert found is not None
    return found[1]


def _load(port: int, path: str, form: str, identity: Path) -> float:
    """Grants a second. Raises RuntimeError if one was refused."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is our own, on loopback
    context.load_cert_chain(identity)
    request = (
        f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(form)}\r\n\r\n{form}"
    ).encode()
    wrong: list[bytes] = []

    def ask() -> None:
        with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="localhost") as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(REQUESTS // CONNECTIONS):
                line.sendall(request)
                answer = _answer(line)
                if not answer.startswith(b"HTTP/1.1 200"):
                    wrong.append(answer)
                    return

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0].decode())
    return REQUESTS / (time.monotonic() - began)


def _answer(line: ssl.SSLSocket) -> bytes:
    received = line.recv(16_384)
    while b"\r\n\r\n" not in received:
        received += line.recv(16_384)
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    assert length is not None
    while len(body) < int(length[1]):
        more = line.recv(16_384)
        body, received = body + more, received + more
    return received


def main() -> None:
    with (
        tempfile.TemporaryDirectory(prefix="propylon-bench-") as folder,
        installation(Path(folder) / "home", "--empty") as system,
    ):
        facts = system.fill(Path(folder), upstream_port=9, applications=20, tokens=20, marks=10)
        for row in mutual_grant_rows(system, Path(folder), facts["server"]["client_id"]):
            print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
