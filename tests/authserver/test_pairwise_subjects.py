"""Pairwise subjects: each sector knows a customer by another name (OpenID Connect Core 8), and the bank by its own."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from starlette.datastructures import Headers

from authserver.bank import (
    Bank,
    Caller,
    Party,
    answer_of,
    approve,
    authorization,
    claims_of,
    credentials,
    log_in,
    make_bank,
    redemption,
)
from propylon.audit.models import Event
from propylon.authserver.consents import living_consents
from propylon.authserver.models import CustomerSession, Grant, PairwiseClient
from propylon.authserver.pairwise import marks_with_names, set_pairwise
from propylon.customers.models import PairwiseKey
from propylon.customers.pairwise_subjects import LONGEST, deliver_key, pairwise_subject, subject_behind
from propylon.gateway.marks import GatewayMark
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.sandbox.caller import caller_of
from propylon.sandbox.customer_names import CustomerNames

OTHER = "https://other.example/callback"


@pytest.fixture
def web(bank: Bank) -> Party:
    party = bank.client("web", method="client_secret_post")
    set_pairwise(acting_user=SYSTEM, client=party.row, is_pairwise=True)
    return party


def tokens(browser: Caller, party: Party, **changes: str) -> dict[str, Any]:
    code = approve(browser, party, scope="openid accounts", **changes)["code"]
    form = redemption(code, redirect_uri=changes.get("redirect_uri", "https://partner.example/callback"))
    answer = browser.token(form | credentials(party))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names_in(browser: Caller, party: Party, body: dict[str, Any]) -> set[str]:
    """Every place where a client reads who the customer is."""
    bearer = {"authorization": f"Bearer {body['access_token']}"}
    found = [claims_of(body[name])["sub"] for name in ("access_token", "id_token")]
    found.append(browser.ask("GET", "/oauth/userinfo", headers=bearer).json()["sub"])
    asked = [{"token": body[name], **credentials(party)} for name in ("access_token", "refresh_token")]
    found += [browser.post("/oauth/introspect", form).json()["sub"] for form in asked]
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], **credentials(party)}
    found.append(claims_of(browser.token(form).json()["access_token"])["sub"])
    return set(found)


def test_a_sector_has_its_own_name_everywhere_and_always_oidc_core_8_1(bank: Bank, web: Party, browser: Caller) -> None:
    first = tokens(browser, web)
    (name,) = names_in(browser, web, first)
    assert name.startswith("pw_")
    assert "cus_maja" not in str([claims_of(first["access_token"]), claims_of(first["id_token"])])
    assert names_in(browser, web, tokens(Caller(), web)) == {name}
    elsewhere = bank.client("web", method="client_secret_post", redirect_uris=(OTHER,))
    set_pairwise(acting_user=SYSTEM, client=elsewhere.row, is_pairwise=True)
    assert names_in(browser, elsewhere, tokens(browser, elsewhere, redirect_uri=OTHER)).isdisjoint({name, "cus_maja"})
    same = bank.client("web", method="client_secret_post")
    set_pairwise(acting_user=SYSTEM, client=same.row, is_pairwise=True)
    assert names_in(browser, same, tokens(browser, same)) == {name}
    public = bank.client("web", method="client_secret_post")
    assert names_in(browser, public, tokens(browser, public)) == {"cus_maja"}


def test_inside_the_customer_is_known_by_the_banks_own_subject(web: Party, browser: Caller) -> None:
    tokens(browser, web)
    grant = Grant.objects.get()
    assert grant.subject == "cus_maja"
    session = CustomerSession(environment="sandbox", subject="cus_maja")
    assert [each.pk for each in living_consents(session)] == [grant.pk]
    actors = set(
        Event.objects.filter(action__in=("grant.made", "customer.logged_in")).values_list("actor_id", flat=True)
    )
    assert actors == {"cus_maja"}


def test_the_sandbox_bank_knows_who_is_meant(web: Party, browser: Caller) -> None:
    name = claims_of(tokens(browser, web)["access_token"])["sub"]
    (settings.PROPYLON_HOME.sandbox / "subjects.key").unlink(missing_ok=True)
    deliver_key()
    key_file = settings.PROPYLON_HOME.sandbox / "subjects.key"
    assert key_file.stat().st_mode & 0o077 == 0
    names = CustomerNames(key_file)
    headers = Headers({"x-propylon-subject": name, "x-propylon-client": web.id, "host": "localhost"})
    assert caller_of(headers, names).owner == "cus_maja"
    for unknown in (name[:-2] + "AA", "pw_", "pw_é", "pw_" + "A" * 200):
        assert names.subject_of(unknown) == unknown
    assert CustomerNames(key_file.with_name("none")).subject_of(name) == name
    assert names.subject_of("cus_maja") == "cus_maja"


@pytest.mark.django_db(transaction=True)
def test_the_bank_has_the_key_before_the_first_name_is_told() -> None:
    key_file = settings.PROPYLON_HOME.sandbox / "subjects.key"
    key_file.unlink(missing_ok=True)
    set_pairwise(acting_user=SYSTEM, client=make_bank().client("web").row, is_pairwise=True)
    assert CustomerNames(key_file).subject_of(pairwise_subject("sandbox", "partner.example", "cus_maja")) == "cus_maja"
    key_file.unlink()


def test_names_open_for_their_environment_and_sector_alone(db: None) -> None:
    told = pairwise_subject("sandbox", "partner.example", "c" * 64)
    assert len(told) <= LONGEST
    assert subject_behind("sandbox", told) == subject_behind("sandbox", told, "partner.example") == "c" * 64
    assert subject_behind("production", told) == subject_behind("sandbox", told, "other.example") == ""
    assert subject_behind("sandbox", told[:-4] + "AAAA") == subject_behind("sandbox", "cus_maja") == ""
    assert pairwise_subject("production", "partner.example", "c" * 64) != told
    assert PairwiseKey.objects.count() == 1


def test_who_is_refused_is_refused_by_every_name(bank: Bank, web: Party, browser: Caller) -> None:
    name = claims_of(tokens(browser, web)["access_token"])["sub"]
    blocked, other = GatewayMark("subject", "cus_maja"), GatewayMark("client", "c.1")
    assert marks_with_names((other, blocked)) == (other, blocked, GatewayMark("subject", name))
    assert marks_with_names((other,)) == (other,)
    assert marks_with_names((GatewayMark("subject", "cus_ola"),)) == (GatewayMark("subject", "cus_ola"),)


def test_hints_of_a_client_are_in_its_own_names_oidc_core_3_1_2_1(bank: Bank, web: Party, browser: Caller) -> None:
    body = tokens(browser, web)
    name = claims_of(body["id_token"])["sub"]
    hinted = answer_of(browser.get("/oauth/authorize", **authorization(web, prompt="none", **_wide(body["id_token"]))))
    assert "code" in hinted
    expected = '{"id_token":{"sub":{"value":"%s"}}}'
    assert log_in(browser, web, claims=expected % name).status_code == 200
    assert answer_of(log_in(Caller(), web, claims=expected % "cus_maja"))["error"] == "login_required"


def _wide(id_token: str) -> dict[str, str]:
    return {"scope": "openid accounts", "id_token_hint": id_token}


def test_a_customer_is_asked_elsewhere_by_that_name(bank: Bank, web: Party, browser: Caller) -> None:
    type(web.row).objects.filter(pk=web.row.pk).update(may_ask_customers=True)
    id_token = tokens(browser, web)["id_token"]
    form = {"scope": "openid accounts", "binding_message": "W4SCT", **credentials(web)}
    assert browser.post("/oauth/bc-authorize", form | {"id_token_hint": id_token}).status_code == 200
    other = bank.client("web", method="client_secret_post", redirect_uris=(OTHER,))
    type(other.row).objects.filter(pk=other.row.pk).update(may_ask_customers=True)
    set_pairwise(acting_user=SYSTEM, client=other.row, is_pairwise=True)
    stolen = form | credentials(other) | {"id_token_hint": id_token}
    assert browser.post("/oauth/bc-authorize", stolen).json()["error"] == "unknown_user_id"


def test_consents_that_stand_keep_the_name_they_were_given_with(web: Party, browser: Caller) -> None:
    body = tokens(browser, web)
    (name,) = names_in(browser, web, body)
    set_pairwise(acting_user=SYSTEM, client=web.row, is_pairwise=False)
    assert names_in(browser, web, body) == {claims_of(body["id_token"])["sub"]} == {name}
    silent = browser.get("/oauth/authorize", **authorization(web, prompt="none", scope="openid accounts"))
    assert answer_of(silent)["error"] == "login_required"
    assert names_in(browser, web, tokens(browser, web)) == {"cus_maja"}


@pytest.mark.parametrize(
    "uris", [(OTHER, "https://partner.example/callback"), ("http://127.0.0.1/callback",), ("com.app:/callback",)]
)
def test_without_one_host_a_sector_must_be_named_oidc_core_8_1(bank: Bank, uris: tuple[str, ...]) -> None:
    party = bank.client("native", redirect_uris=uris)
    for sector in ("", "localhost", "127.0.0.1", "a b.example", "https://partner.example"):
        with pytest.raises(PropylonError) as refused:
            set_pairwise(acting_user=SYSTEM, client=party.row, is_pairwise=True, sector=sector)
        assert refused.value.code == "client.sector.unfit"
    assert not PairwiseClient.objects.exists()
    assert set_pairwise(acting_user=SYSTEM, client=party.row, is_pairwise=True, sector=" App.Example ") == "app.example"
    assert Event.objects.filter(action="client.subject_type_set").count() == 1


def test_who_leaves_a_host_leaves_its_sector(bank: Bank, web: Party, browser: Caller) -> None:
    """Else anybody could register a host of somebody else, and take the names of its customers along."""
    name = claims_of(tokens(browser, web)["access_token"])["sub"]
    type(web.row).objects.filter(pk=web.row.pk).update(redirect_uris=[OTHER])
    moved = claims_of(tokens(browser, web, redirect_uri=OTHER)["access_token"])["sub"]
    there = bank.client("web", method="client_secret_post", redirect_uris=(OTHER,))
    set_pairwise(acting_user=SYSTEM, client=there.row, is_pairwise=True)
    others = claims_of(tokens(browser, there, redirect_uri=OTHER)["access_token"])["sub"]
    assert len({name, moved, others, "cus_maja"}) == 4


def test_a_server_application_has_no_customers(bank: Bank) -> None:
    with pytest.raises(PropylonError):
        set_pairwise(acting_user=SYSTEM, client=bank.client("server").row, is_pairwise=True, sector="a.example")


def test_the_metadata_says_so_oidc_discovery_3(bank: Bank, browser: Caller) -> None:
    told = browser.get("/.well-known/openid-configuration").json()
    assert told["subject_types_supported"] == ["public", "pairwise"]
