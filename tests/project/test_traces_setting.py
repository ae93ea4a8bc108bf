"""PROPYLON_TRACES_…: what is read, and the sentence for what makes no sense."""

from __future__ import annotations

import pytest

from propylon.gateway.model import Traces
from propylon.project.traces import traces_from_environment


@pytest.fixture
def setting(monkeypatch):
    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"PROPYLON_TRACES_{name}", value)

    return put


def test_nothing_is_traced_unless_a_collector_is_named(setting):
    setting(PERCENT="100")
    assert traces_from_environment() is None


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("http://otel.bank.example:4318/", "http://otel.bank.example:4318/v1/traces"),
        ("http://otel.bank.example:80/in/traces", "http://otel.bank.example:80/in/traces"),
    ],
)
def test_the_protocols_path_is_added_where_none_is_given(setting, given, read):
    setting(URL=given)
    assert traces_from_environment() == Traces(read, 1.0)


def test_an_https_collector_is_verified(setting, tmp_path):
    file = tmp_path / "ca.crt"
    file.write_text("PEM")
    setting(URL="https://otel.bank.example:4318", CA=str(file), PERCENT="0.25")
    assert traces_from_environment() == Traces("https://otel.bank.example:4318/v1/traces", 0.25, "PEM")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"URL": "otel:4318"}, "PROPYLON_TRACES_URL"),
        ({"URL": "http://otel"}, "http://host:port"),
        ({"URL": "http://user@otel:4318"}, "PROPYLON_TRACES_URL"),
        ({"URL": "http://otel:4318", "PERCENT": "101"}, "from 0 to 100"),
        ({"URL": "http://otel:4318", "PERCENT": "many"}, "from 0 to 100"),
        ({"URL": "https://otel:4318"}, "PROPYLON_TRACES_CA"),
        ({"URL": "https://otel:4318", "CA": "/nowhere/ca.crt"}, "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_setting(setting, values, says):
    setting(**values)
    with pytest.raises(ValueError, match=says):
        traces_from_environment()
