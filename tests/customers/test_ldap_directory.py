"""Customers in an LDAP server, against a real slapd."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from customers.ldap_authority import TestAuthority
from customers.ldap_server import PASSWORD, LdapServer, free_port, ldap_server
from propylon.customers.actions import add_customer
from propylon.customers.approvals import Question, approver_for
from propylon.customers.directory import authenticate, may_try_again_at
from propylon.customers.directory_errors import DirectoryUnavailable
from propylon.customers.directory_records import directory_of, use_built_in, use_directory
from propylon.customers.directory_trial import try_directory
from propylon.customers.models import Customer
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.kernel.secret import Secret
from propylon.notifications.models import Mail

SECRET = Secret("the reader's own words")


@pytest.fixture(scope="module")
def server() -> Iterator[LdapServer]:
    with ldap_server() as running:
        yield running


def _use(server: LdapServer, secret: Secret | None = SECRET, **changes: str) -> None:
    use_directory(acting_user=SYSTEM, environment="pilot", kind="ldap", told=server.settings(**changes), secret=secret)


def _failure(server: LdapServer, secret: Secret = SECRET, **changes: str) -> str:
    """What the trial says is wrong."""
    _use(server, secret, **changes)
    row = directory_of("pilot")
    assert row
    steps = try_directory(row)
    assert all(step.is_good for step in steps[:-1])
    return steps[-1].reason


@pytest.mark.django_db
@pytest.mark.parametrize("start_tls", [False, True])
def test_a_customer_logs_in_with_the_password_of_the_directory(server: LdapServer, start_tls: bool) -> None:
    _use(server, **({"address": f"ldap://localhost:{server.port}"} if start_tls else {}))
    maja = authenticate("pilot", "maja", PASSWORD)
    assert maja is not None
    assert (maja.name, maja.environment, maja.directory) == ("Maja Lind", "pilot", "ldap")
    assert maja.email == "maja@customers.example"  # where notices of questions go
    assert maja.subject.startswith("ldap_")
    assert "maja" not in maja.subject
    assert len(maja.subject) <= 64
    assert authenticate("pilot", "maja", PASSWORD) == maja  # the same one
    per = authenticate("pilot", "per", PASSWORD)
    assert per is not None
    assert per.subject != maja.subject
    assert authenticate("sandbox", "maja", PASSWORD) is None  # another environment's directory is the built-in one


@pytest.mark.django_db
def test_a_mail_address_follows_the_directory_and_is_left_where_nobody_wants_it(server: LdapServer) -> None:
    _use(server)
    assert authenticate("pilot", "maja", PASSWORD)
    Customer.objects.update(email="old@customers.example")
    assert authenticate("pilot", "maja", PASSWORD)
    assert Customer.objects.get().email == "maja@customers.example"
    _use(server, mail_attribute="cn")  # no address
    assert authenticate("pilot", "maja", PASSWORD)
    assert Customer.objects.get().email == ""
    _use(server, mail_attribute="")
    assert authenticate("pilot", "maja", PASSWORD)
    assert Customer.objects.get().email == ""


@pytest.mark.django_db
def test_a_question_of_a_client_is_mailed_to_a_customer_of_the_directory(server: LdapServer) -> None:
    _use(server)
    maja = authenticate("pilot", "maja", PASSWORD)
    assert maja
    question = Question(
        environment="pilot",
        subject=maja.subject,
        client_id="cl_1",
        application="Ledger",
        organization="Partner",
        organization_id="org_1",
        allows=("See your accounts",),
        binding_message="Blue whale",
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    approver_for("pilot").ask(question, acting_user=SYSTEM)
    assert Mail.objects.get().to == "maja@customers.example"


@pytest.mark.django_db
def test_unknown_wrong_empty_and_not_a_customer_are_answered_alike_and_nobody_is_made(server: LdapServer) -> None:
    _use(server)
    for name, password in (("maja", "wrong"), ("nobody", PASSWORD), ("maja", ""), ("clerk", PASSWORD), ("", PASSWORD)):
        assert authenticate("pilot", name, password) is None
    assert not Customer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["*", "m*", "maja)(uid=*", "*)(objectClass=*", "maja\\2a", "maja)(|(uid=per", "ma\0ja"]
)
def test_rfc_4515_section_3_what_is_typed_never_becomes_a_filter(server: LdapServer, name: str) -> None:
    _use(server)
    assert authenticate("pilot", name, PASSWORD) is None
    assert not Customer.objects.exists()


@pytest.mark.django_db
def test_guessing_is_slowed_by_name_alike_for_names_that_nobody_has(server: LdapServer) -> None:
    _use(server)
    for _ in range(5):
        assert authenticate("pilot", "maja", "wrong") is None
        assert authenticate("pilot", "nobody", "wrong") is None
    assert authenticate("pilot", "maja", PASSWORD) is None
    waits = may_try_again_at("pilot", "maja"), may_try_again_at("pilot", "nobody")
    assert waits[0]
    assert waits[1]
    assert abs((waits[0] - waits[1]).total_seconds()) < 5
    assert authenticate("pilot", "per", PASSWORD)


@pytest.mark.django_db
def test_customers_of_the_built_in_directory_are_none_here_and_come_back_with_it(server: LdapServer) -> None:
    add_customer(
        acting_user=SYSTEM, environment="pilot", identity_number="1990", name="A", password="x y z", subject="cus_1"
    )
    assert authenticate("pilot", "1990", "x y z")
    _use(server)
    assert authenticate("pilot", "1990", "x y z") is None
    maja = authenticate("pilot", "maja", PASSWORD)
    assert maja
    use_built_in(acting_user=SYSTEM, environment="pilot")
    assert authenticate("pilot", "1990", "x y z")
    assert authenticate("pilot", maja.identity_number, PASSWORD) is None
    _use(server)
    assert authenticate("pilot", "maja", PASSWORD) == maja  # her consents are hers again
    with pytest.raises(PropylonError):  # nobody else can be given a subject of hers
        add_customer(
            acting_user=SYSTEM, environment="test", identity_number="1", name="A", password="x", subject=maja.subject
        )


@pytest.mark.django_db
def test_trying_says_in_words_what_fails(server: LdapServer) -> None:
    assert _failure(server) == ""
    assert "Nothing listens" in _failure(server, address=f"ldaps://localhost:{free_port()}")
    assert "not accepted" in _failure(server, ca_pem=TestAuthority().pem)
    assert "not accepted" in _failure(server, address=f"ldaps://127.0.0.1:{server.tls_port}")  # not its name
    assert "not accepted" in _failure(server, address=f"ldap://127.0.0.1:{server.port}")
    assert "TLS" in _failure(server, address=f"ldaps://localhost:{server.port}")
    assert "account of the search" in _failure(server, Secret("wrong"))
    assert "base_dn" in _failure(server, base_dn="ou=elsewhere,dc=bank,dc=example")
    assert "departmentNumber" in _failure(server, subject_attribute="departmentNumber")
    assert "employeeType" not in _failure(server, filter="(employeeType=customer)")


@pytest.mark.django_db
def test_a_directory_that_is_down_or_hangs_is_told_apart_from_a_wrong_password(
    server: LdapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(server, address=f"ldaps://localhost:{free_port()}")
    with pytest.raises(DirectoryUnavailable):
        authenticate("pilot", "maja", PASSWORD)
    assert may_try_again_at("pilot", "maja") is None  # it is not the customer's fault
    with socket.create_server(("127.0.0.1", 0)) as silent:
        taken: list[object] = []
        threading.Thread(target=lambda: taken.append(silent.accept()), daemon=True).start()
        monkeypatch.setattr("propylon.customers.ldap_directory.ANSWER_SECONDS", 1)
        _use(server, address=f"ldaps://localhost:{silent.getsockname()[1]}")
        begun = time.monotonic()
        with pytest.raises(DirectoryUnavailable):
            authenticate("pilot", "maja", PASSWORD)
        assert 0.9 < time.monotonic() - begun < 5


@pytest.mark.django_db
def test_the_secret_is_sealed_and_goes_to_no_other_place_than_the_one_it_was_given_for(server: LdapServer) -> None:
    _use(server)
    row = directory_of("pilot")
    assert row
    assert SECRET.reveal() not in row.secret_sealed + str(row.settings)
    _use(server, None, filter="")  # the same place: it stays
    assert authenticate("pilot", "clerk", PASSWORD)
    with pytest.raises(PropylonError) as refused:
        _use(server, None, address="ldaps://elsewhere.example")
    assert [error.field for error in refused.value.errors] == ["secret"]
    assert authenticate("pilot", "clerk", PASSWORD)  # nothing changed


@pytest.mark.django_db
def test_every_mistake_of_the_settings_is_listed(server: LdapServer) -> None:
    wrong = {
        "address": "http://x",
        "base_dn": "nonsense",
        "bind_dn": "",
        "login_attribute": "uid)(x",
        "subject_attribute": "",
        "filter": "(unbalanced",
        "ca_pem": "no pem",
    }
    with pytest.raises(PropylonError) as refused:
        _use(server, Secret(""), **wrong)
    assert {error.field for error in refused.value.errors} == {*wrong, "secret"}
    assert directory_of("pilot") is None
