"""Whose token a route takes, on a real Envoy: the rule by prefix and the route's own say the same, and neither lets a
call pass that the other would refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.model import Environment, Operation, Publication
from propylon.gateway.requirements import ruled_by_prefix

GET = Operation("get", "GET", "/things", ("accounts",))
ANY = Operation("any", "GET", "/{a}/{b}", ("accounts",))
OPEN = Operation("open", "GET", "/open", (), is_public=True)
ADDRESSES = {
    "outer": "/outer/p/v1/things",
    "nested": "/outer/nested/p/v1/things",
    "alone": "/alone/p/v1/things",
    "alone2": "/alone2/p/v1/things",
}


def _published(environment, base, *operations):
    return Publication(environment, "p", "v1", base, "bank", "", "standard", operations)


def _with_environments(model):
    url = model.listeners.public_url
    prefixes = {"outer": "/outer", "nested": "/outer/nested", "alone": "/alone", "alone2": "/alone2"}
    return replace(
        model,
        environments=tuple(Environment(name, prefix, url + prefix) for name, prefix in prefixes.items()),
        publications=(
            _published("outer", "/outer/p/v1", GET, OPEN),
            _published("outer", "/outer/nested/deep", GET),  # below the prefix of another environment
            _published("outer", "/outer/x", ANY),
            _published("nested", "/outer/nested/p/v1", GET),
            _published("alone", "/alone/p/v1", GET, OPEN),
            _published("alone2", "/alone2/p/v1", GET),
        ),
    )


@pytest.fixture(scope="module")
def parted(gateway):
    """The gateway with these environments alone; then as it was."""
    before, gateway.model = gateway.model, _with_environments(gateway.model)
    gateway.deliver_model(gateway.model)
    gateway.wait_for_versions()
    yield gateway
    gateway.model = before
    gateway.deliver_model(before)
    gateway.wait_for_versions()


def _token(gateway, environment):
    audience = next(each.audience for each in gateway.model.environments if each.name == environment)
    return gateway.token(audience=audience, env=environment)


def test_both_ways_are_in_use(parted):
    assert [each.name for each in ruled_by_prefix(parted.model.environments)] == ["alone", "alone2"]


@pytest.mark.parametrize("called", [*ADDRESSES, "deep"])
@pytest.mark.parametrize("issued_for", ADDRESSES)
def test_a_token_is_for_one_environment_rfc9068_4(parted, called, issued_for):
    path = ADDRESSES.get(called, "/outer/nested/deep/things")
    answer = parted.call(path, token=_token(parted, issued_for))
    if issued_for == (called if called in ADDRESSES else "outer"):
        assert answer.status == 200
    else:
        assert (answer.status, answer.json()["code"]) == (401, "gateway.token.audience")


def _is_served(answer):
    """By an API's upstream; the portal answers paths that are in no environment."""
    return answer.status == 200 and answer.headers.get("content-security-policy") == "sandbox"


SPELLINGS = [
    *ADDRESSES.values(),
    "/alone/../alone2/p/v1/things",
    "/alone2/../alone/p/v1/things",
    "/x/../alone/p/v1/things",
    "//alone/p/v1/things",
    "/alone//p/v1/things",
    "/alone/./p/v1/things",
    "/%61lone/p/v1/things",
    "/alone%2fp/v1/things",
    "/alone;v=1/p/v1/things",
    "/alone/p/v1/things?x=/open",
    "/alone/p/v1/things#/open",
    "/ALONE/p/v1/things",
    "/alone/p/v1/open/../things",
    "/outer/x/nested/things",
    "/alone/p/v1",
    "/alone",
    "*",
]


@pytest.mark.parametrize("path", SPELLINGS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_no_spelling_of_a_path_leads_past_the_token(parted, path, method):
    """Neither without a token nor with one of another environment; what stays open is answered by what is open."""
    for token in (None, _token(parted, "nested")):
        is_own = token and path == ADDRESSES["nested"] and method != "OPTIONS"
        assert _is_served(parted.call(path, method, token=token)) == bool(is_own)


def test_what_is_open_stays_open(parted):
    for path in ("/outer/p/v1/open", "/alone/p/v1/open"):
        assert parted.call(path).status == 200


@pytest.mark.parametrize("kind", ["jwt", "rds"])
def test_while_one_file_is_newer_than_the_other_nothing_passes_that_should_not(parted, kind):
    """An environment comes with its products, and another one goes: first the one file, then the other."""
    url = parted.model.listeners.public_url
    others = [each for each in parted.model.environments if each.name != "alone2"]
    after = replace(
        parted.model,
        environments=(*others, Environment("fresh", "/fresh", f"{url}/fresh")),
        publications=(
            *(each for each in parted.model.publications if each.environment != "alone2"),
            _published("fresh", "/fresh/p/v1", GET),
        ),
    )
    fresh = parted.token(audience=f"{url}/fresh", env="fresh")
    parted.deliver(compile_snapshot(after).resources[kind])
    parted.wait_for_versions()
    try:
        for own, path in {**ADDRESSES, "fresh": "/fresh/p/v1/things"}.items():
            assert not _is_served(parted.call(path))
            for name in (*ADDRESSES, "fresh"):
                token = fresh if name == "fresh" else _token(parted, name)
                assert name == own or not _is_served(parted.call(path, token=token))
        assert _is_served(parted.call(ADDRESSES["alone"], token=_token(parted, "alone")))
    finally:
        parted.deliver_model(parted.model)
        parted.wait_for_versions()
