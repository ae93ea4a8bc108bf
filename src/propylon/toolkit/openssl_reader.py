"""The openssl of this machine, asked to open what `cryptography` does not: its legacy provider knows old ciphers.

The password goes through a pipe of its own, so that it is in no list of processes; nothing is written to a disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess

_SECONDS = 20
_COMMANDS = {
    "pkcs12": ("pkcs12", "-noenc", "-legacy"),
    "key": ("pkey", "-provider", "legacy", "-provider", "default"),
}


def openssl_opinion(form: str, data: bytes, password: str) -> bytes | None:
    """The decrypted PEM; None if there is no openssl here, or it cannot either."""
    program = shutil.which("openssl")
    if program is None or "\n" in password:
        return None
    reading, writing = os.pipe()
    try:
        os.write(writing, password.encode() + b"\n")  # at most a few hundred bytes: a pipe holds 64 KB
        os.close(writing)
        command = [program, *_COMMANDS[form], "-passin", f"fd:{reading}"]
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, pass_fds=(reading,), timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    finally:
        os.close(reading)
    return done.stdout if done.returncode == 0 and b"-----BEGIN" in done.stdout else None
