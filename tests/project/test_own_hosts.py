"""Hosts of their own for the authorization server and environments: how they are given, and where they show."""

from __future__ import annotations

import pytest

from propylon.authserver.selectors import audience
from propylon.catalog.addresses import address_of, base_path, version_urls
from propylon.catalog.models import Environment, ProductVersion, Publication
from propylon.catalog.selectors import gateway_environments
from propylon.controlplane.selectors import gateway_model
from propylon.project.addresses import addresses
from propylon.project.own_hosts import read_environment_urls
from propylon.project.server_certificate import every_url

LISTENERS = {"public_url": "https://developer.bank.example", "mutual_url": "https://developer.bank.example:444"}
OWN = {"production": ("https://api.bank.example", "https://api-mtls.bank.example:444")}


def test_one_address_is_enough_and_the_other_listener_has_the_same_host():
    found = read_environment_urls(
        "production=https://api.bank.example/, sandbox=https://t.bank.example https://t-mtls.bank.example:444",
        **LISTENERS,
    )
    assert found == {
        "production": ("https://api.bank.example", "https://api.bank.example:444"),
        "sandbox": ("https://t.bank.example", "https://t-mtls.bank.example:444"),
    }
    assert read_environment_urls(" , ", **LISTENERS) == {}


@pytest.mark.parametrize(
    "text",
    [
        "production",
        "=https://a.example",
        "production=",
        "production=http://a.example",
        "production=https://a.example/api",
        "production=https://a.example:8443",
        "production=https://a.example https://a.example",
        "production=https://a.example https://a.example:444 https://b.example",
        "production=https://a.example, production=https://b.example",
        "production=https://a.example, sandbox=https://a.example",
        "production=https://user@a.example",
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="PROPYLON_ENVIRONMENT_URLS"):
        read_environment_urls(text, **LISTENERS)


def test_the_issuer_is_the_public_url_unless_it_has_a_host(monkeypatch, tmp_path):
    from propylon.kernel.home import Home

    for name in ("ISSUER_URL", "ISSUER_MUTUAL_URL", "ENVIRONMENT_URLS", "MUTUAL_URL"):
        monkeypatch.delenv(f"PROPYLON_{name}", raising=False)
    monkeypatch.setenv("PROPYLON_PUBLIC_URL", "https://developer.bank.example")
    monkeypatch.setenv("PROPYLON_MUTUAL_URL", "https://developer.bank.example:444")
    shared = addresses(Home(tmp_path))
    assert (shared.issuer_url, shared.issuer_mutual_url) == (shared.public_url, shared.mutual_url)
    monkeypatch.setenv("PROPYLON_ISSUER_URL", "https://auth.bank.example/")
    own = addresses(Home(tmp_path))
    assert (own.issuer_url, own.issuer_mutual_url) == ("https://auth.bank.example", "https://auth.bank.example:444")


@pytest.fixture
def environments(db):
    return [
        Environment.objects.create(name=name, title=name, path_prefix=prefix, position=n)
        for n, (name, prefix) in enumerate((("production", "/api"), ("sandbox", "/sandbox")))
    ]


def test_an_environment_with_a_host_has_no_prefix_and_its_tokens_are_for_that_host(environments, settings):
    production, sandbox = environments
    settings.PROPYLON_ENVIRONMENT_URLS = OWN
    assert audience(production) == "https://api.bank.example"
    assert audience(sandbox) == f"{settings.PROPYLON_PUBLIC_URL}/sandbox"
    assert address_of(production).mutual_url == "https://api-mtls.bank.example:444"
    row = Publication(environment=production, product_version=ProductVersion(mount_path="/accounts/v1"))
    assert base_path(row) == "/accounts/v1"
    assert version_urls(row)[0] == "https://api.bank.example/accounts/v1"
    told = {each.name: each for each in gateway_environments()}
    assert told["production"].hosts == ("api-mtls.bank.example", "api.bank.example")
    assert (told["production"].path_prefix, told["sandbox"].path_prefix) == ("", "/sandbox")


@pytest.mark.django_db
def test_the_gateway_and_the_metadata_know_the_issuer(client, settings):
    settings.PROPYLON_ISSUER_URL = "https://auth.bank.example"
    settings.PROPYLON_ISSUER_MUTUAL_URL = "https://auth-mtls.bank.example:444"
    settings.PROPYLON_ENVIRONMENT_URLS = OWN
    assert gateway_model().listeners.issuer == "https://auth.bank.example"
    document = client.get("/.well-known/oauth-authorization-server").json()
    assert document["issuer"] == "https://auth.bank.example"
    assert document["authorization_endpoint"] == "https://auth.bank.example/oauth/authorize"
    assert document["mtls_endpoint_aliases"]["token_endpoint"] == "https://auth-mtls.bank.example:444/oauth/token"
    assert {"https://auth-mtls.bank.example:444", *OWN["production"]} <= set(every_url())
