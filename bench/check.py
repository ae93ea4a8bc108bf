"""What the call check costs: `python bench/check.py`. One process, one connection, as Envoy would ask; nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from joserfc.jwk import ECKey

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from oauth.proofs import proof
from propylon.gateway.check import BOUND_KEY, CHECK_PREFIX, CLIENT, EXACT_HEADER, ORIGIN_HEADER, PLAN
from propylon.gateway.files import CHECK_SOCKET

_ORIGIN, _PATH, _TOKEN = "https://localhost:8443", "/sandbox/accounts/v1/accounts", "t" * 900
_PROOFS, _COUNTED = 3_000, 10_000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="check-") as name:
        home = Path(name)
        for folder in ("gateway", "run"):
            (home / folder).mkdir()
        command = (sys.executable, "-m", "propylon.dataplane.call_check", name, "bench", str(os.getpid()))
        check = subprocess.Popen(command)
        try:
            connection = _connected(home / "gateway" / CHECK_SOCKET)
            _measure("a call with a proof (ES256)", check.pid, connection, _proven())
            _measure("a call of an exact quota", check.pid, connection, [_counted()] * _COUNTED)
            print(f"resident memory: {_status(check.pid, 'VmRSS') / 1024:.0f} MB")
        finally:
            check.terminate()
            check.wait()


def _proven() -> list[bytes]:
    key, now = ECKey.generate_key("P-256"), int(time.time())
    proofs = [proof(_ORIGIN + _PATH, now=now, token=_TOKEN, key=key) for _ in range(_PROOFS)]
    return [_question("DPoP", {BOUND_KEY: key.thumbprint(), "dpop": each}) for each in proofs]


def _counted() -> bytes:
    """Nobody leases here: the plan says to serve, which takes the same way."""
    return _question("Bearer", {CLIENT: "client-1", PLAN: "gold", EXACT_HEADER: "gold=serve"})


def _question(scheme: str, headers: dict[str, str]) -> bytes:
    told = {"authorization": f"{scheme} {_TOKEN}", "content-length": "0", ORIGIN_HEADER: _ORIGIN, **headers}
    lines = [f"GET {CHECK_PREFIX}{_PATH} HTTP/1.1", *(f"{key}: {value}" for key, value in told.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _measure(what: str, pid: int, connection: socket.socket, questions: list[bytes]) -> None:
    before = _processor_seconds(pid)
    for question in questions:
        connection.sendall(question)
        if b"verdict: good" not in connection.recv(4096):
            sys.exit(f"{what} was refused")
    each = (_processor_seconds(pid) - before) / len(questions)
    print(f"{what}: {each * 1e6:.0f} µs of a core")


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _status(pid: int, name: str) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split(f"{name}:")[1].split()[0])


def _connected(path: Path) -> socket.socket:
    deadline = time.monotonic() + 10
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
        except OSError:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return connection


if __name__ == "__main__":
    main()
