"""When marks move from the recent layer to the settled one, and when they may leave the recent one.

Marks come in two layers, each a filter of its own. Layer "marks" holds the recent marks and is rewritten with every
change; layer "settled" holds the bulk and is rewritten rarely. Each rewriting is a *settlement*: it has a number that
only grows, and its resource holds every mark that was live then. A mark that is placed again is recent again.

The safety rule: **no live mark is ever in neither layer of a node.** It stands on three legs.

1. The recent layer holds every live mark that settlement number `base` does not hold. `base` only moves up, to a number
   that every live node has confirmed by Envoy's own account (`base_after`). A later settlement holds all that is live
   of an earlier one, so a node that runs `base` or later misses nothing.
2. Whatever `base` is: a node gets the recent layer only if it says with the same question that its Envoy took a
   settlement of number `base` or later (`may_lean`). Any other node (away for a while, started from old files, new,
   unknown to the database) gets a layer "marks" that holds all live marks, and so needs no settlement at all.
3. A node never goes back behind a settlement that it has confirmed: what it falls back to, and what it tells in its
   question, is the last file that Envoy took. An Envoy that has none refuses every call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_RECENT = 300  # marks; beyond it the recent layer is no longer small
OLDEST_RECENT_SECONDS = 60.0
SETTLE_AT_MOST_EVERY_SECONDS = 30.0
AWAY_AFTER_SECONDS = 90.0  # a node reports every 20 seconds at least


@dataclass(frozen=True, slots=True)
class Standing:
    """How the layers stand. Everything is counted against the latest settlement, confirmed or not."""

    recent: int  # live marks that it does not hold
    oldest_recent_seconds: float
    settled: int  # marks that it was made with
    still_live: int  # of them
    seconds_since: float | None  # None: none was made since the start


def is_settling_due(standing: Standing) -> bool:
    """Is it time for another settlement?"""
    if standing.seconds_since is None:
        return True
    if standing.seconds_since < SETTLE_AT_MOST_EVERY_SECONDS:
        return False
    if standing.recent > MOST_RECENT or (standing.recent and standing.oldest_recent_seconds > OLDEST_RECENT_SECONDS):
        return True
    expired = standing.settled - standing.still_live
    return expired > MOST_RECENT and expired > standing.still_live


@dataclass(frozen=True, slots=True)
class NodeReport:
    """The settled version that a node's Envoy runs ("": none), and how long ago the node said so."""

    version: str
    seconds_ago: float


def base_after(base: int, numbers: Mapping[str, int], nodes: Iterable[NodeReport]) -> int:
    """The settlement that the recent layer may count on from now on: confirmed by all live nodes, never an earlier one.

    `numbers`: settled version to the number of its latest settlement. Without a live node nothing moves.
    """
    confirmed = [numbers.get(node.version, 0) for node in nodes if node.seconds_ago <= AWAY_AFTER_SECONDS]
    return max(base, min(confirmed, default=base))


def may_lean(base: int, numbers: Mapping[str, int], running: str) -> bool:
    """May a node whose Envoy took settled version `running` be given the recent layer alone?"""
    return numbers.get(running, 0) >= base
