"""Whatever is written to the event log has words that people understand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from recorded_events import EventScan

from propylon.audit.event_words import WORDS, event_words

# Older versions wrote them; their rows stay.
FORMER = {"client.console_token_issued"}


@pytest.fixture(scope="module")
def recorded() -> set[str]:
    return EventScan().actions()


def test_every_event_that_the_code_can_write_has_words(recorded: set[str]) -> None:
    assert recorded - set(WORDS) == set()


def test_no_words_are_left_of_events_that_nobody_writes(recorded: set[str]) -> None:
    assert set(WORDS) - recorded == FORMER


def test_the_scan_follows_parameters_and_either_or(recorded: set[str]) -> None:
    assert {"user.signed_in", "client.rejected", "plan.changed", "product.hidden", "kill_switch.thrown"} <= recorded


def test_an_action_without_words_is_readable_still() -> None:
    assert event_words("grant.looked_at") == "Grant: looked at"
