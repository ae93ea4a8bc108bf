"""The room's addresses: the page behind a link, root certificate and CRL, the management API."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from django.test import Client as Browser
from django.utils import timezone

from certificate_examples import everything, signing_request
from propylon.accounts.actions import create_access_token
from propylon.accounts.models import Membership, Organization, User
from propylon.applications.models import Client
from propylon.certificates.actions import order_certificate
from propylon.certificates.models import Authority, Certificate, Order
from propylon.kernel.actor import SYSTEM
from propylon.marks.models import Mark

pytestmark = pytest.mark.django_db
Token = Callable[[], str]
PASSWORD = "correct horse"


@pytest.fixture
def browser() -> Browser:
    return Browser(enforce_csrf_checks=True)


class Api:
    """The management API as one user."""

    def __init__(self, role: str, organization: Organization) -> None:
        now = timezone.now()
        email = f"{role}@{organization.public_id}.example".replace("_", "-")
        user = User.objects.create(public_id=f"user_{email}"[:40], email=email, name=role, created_at=now)
        Membership.objects.create(user=user, organization=organization, role=role, created_at=now)
        _, secret = create_access_token(acting_user=SYSTEM, user=user, name="test", lifetime=timedelta(hours=1))
        self._headers = {"Authorization": f"Bearer {secret.reveal()}"}

    def get(self, path: str) -> tuple[int, dict[str, object]]:
        answer = Browser().get(f"/manage/v1{path}", headers=self._headers)
        return answer.status_code, answer.json()

    def post(self, path: str, **body: object) -> tuple[int, dict[str, object]]:
        answer = Browser().post(f"/manage/v1{path}", body, content_type="application/json", headers=self._headers)
        return answer.status_code, answer.json()


@pytest.fixture
def developer(client: Client) -> Api:
    return Api("developer", client.application.organization)


@pytest.fixture
def operator(db: None) -> Api:
    bank = Organization.objects.create(public_id="org_bank", name="Bank", is_operator=True, created_at=timezone.now())
    return Api("operator", bank)


@pytest.fixture
def stranger(db: None) -> Api:
    other = Organization.objects.create(public_id="org_other", name="Other", created_at=timezone.now())
    return Api("organization_manager", other)


def test_looking_at_the_page_uses_nothing_up(client: Client, token_of_mail: Token, browser: Browser) -> None:
    order_certificate(acting_user=SYSTEM, client=client)
    address = f"/certificates/download?token={token_of_mail()}"
    before = everything()
    for _ in range(3):
        page = browser.get(address)
        browser.head(address)
        assert page.status_code == 200
        assert "svcFirstV01" in page.text
        assert "no-store" in page["Cache-Control"]
    assert everything() == before
    assert browser.post(address, {"format": "pfx", "password": PASSWORD}).status_code == 200


def test_the_button_delivers_once_and_the_second_press_says_why_not(
    client: Client, token_of_mail: Token, browser: Browser
) -> None:
    order_certificate(acting_user=SYSTEM, client=client)
    address = f"/certificates/download?token={token_of_mail()}"
    answer = browser.post(address, {"format": "pem", "password": ""})
    assert answer["Content-Disposition"] == 'attachment; filename="svcFirstV01.zip"'
    assert "no-store" in answer["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(answer.content)).namelist()[0] == "certificate.crt"
    for again in (browser.post(address, {"format": "pem"}), browser.get(address)):
        assert again.status_code == 409
        assert "certificate.link.used" in again.text
        assert again["RequestTrackingId"] in again.text


def test_a_mistake_in_the_form_is_told_in_the_form(client: Client, token_of_mail: Token, browser: Browser) -> None:
    order_certificate(acting_user=SYSTEM, client=client)
    address = f"/certificates/download?token={token_of_mail()}"
    answer = browser.post(address, {"format": "pfx-legacy", "password": "short"})
    assert answer.status_code == 400
    assert "The password needs 8 to 128 letters" in answer.text
    assert re.search(r'value="pfx-legacy"[^>]* checked', answer.text)
    assert "short" not in answer.text.replace("shortest", "")
    assert browser.get("/certificates/download?token=unknown").status_code == 404


def test_the_pages_policy_allows_our_style_sheet_and_nothing_else(
    client: Client, token_of_mail: Token, browser: Browser
) -> None:
    order_certificate(acting_user=SYSTEM, client=client)
    page = browser.get(f"/certificates/download?token={token_of_mail()}")
    assert "style-src 'self';" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert "<style" not in page.text
    assert "<script" not in page.text
    assert page["Referrer-Policy"] == "strict-origin"  # the address holds a secret


def test_root_certificate_and_lists_are_there_for_everybody(authorities: None, browser: Browser) -> None:
    root = browser.get("/ca.crt")
    assert root["Content-Type"] == "application/x-x509-ca-cert"
    assert root.text == Authority.objects.get(kind="root").certificate_pem
    for kind in ("root", "issuing"):
        crl = x509.load_der_x509_crl(browser.get(f"/certificates/crl/{kind}.crl").content)
        assert len(crl) == 0
    assert browser.get("/certificates/crl/other.crl").status_code == 404


def test_a_developer_orders_downloads_and_revokes(developer: Api, token_of_mail: Token) -> None:
    status, order = developer.post("/clients/client-First/certificate-orders")
    assert (status, order["status"]) == (201, "issued")
    status, bundle = developer.post("/certificate-downloads", token=token_of_mail(), format="pfx", password=PASSWORD)
    assert (status, bundle["filename"]) == (200, "svcFirstV01.pfx")
    assert base64.b64decode(str(bundle["content"]))
    status, error = developer.post("/certificate-downloads", token=token_of_mail(), format="pem")
    assert (status, error["code"]) == (409, "certificate.link.used")
    assert developer.post(f"/certificate-orders/{order['id']}/link")[0] == 409
    status, listed = developer.get("/clients/client-First/certificates")
    (certificate,) = listed["data"]  # type: ignore[misc]
    assert (certificate["status"], certificate["order_id"]) == ("active", order["id"])
    assert developer.get(f"/certificate-orders/{order['id']}")[1]["status"] == "downloaded"
    status, revoked = developer.post(f"/certificates/{certificate['id']}/revocation", reason="superseded")
    assert (status, revoked["status"], revoked["revocation_reason"]) == (200, "revoked", "superseded")
    assert Mark.objects.filter(kind="certificate", value=certificate["fingerprint"]).exists()


def test_a_deviating_request_is_answered_with_every_finding(developer: Api) -> None:
    pem, _ = signing_request("svcFirstV01 ")
    status, error = developer.post("/clients/client-First/certificate-orders", csr=pem)
    assert (status, error["code"]) == (400, "certificate.csr.refused")
    (finding,) = error["errors"]  # type: ignore[misc]
    assert finding["field"] == "csr"
    assert finding["location"] == "#/subject/commonName"
    assert finding["reason"].startswith("csr.common_name.whitespace: ")
    assert not Order.objects.exists()


def test_the_operator_decides_and_a_developer_does_not(
    make_client: Callable[..., Client], developer: Api, operator: Api
) -> None:
    make_client("Prod", approves=False)
    _, order = developer.post("/clients/client-Prod/certificate-orders")
    path = f"/certificate-orders/{order['id']}"
    assert order["status"] == "requested"
    assert developer.post(f"{path}/approval")[0] == 403
    assert developer.get("/certificate-orders")[0] == 403
    _, waiting = operator.get("/certificate-orders?status=requested")
    assert [row["id"] for row in waiting["data"]] == [order["id"]]  # type: ignore[attr-defined]
    assert not Certificate.objects.exists()
    assert operator.post(f"{path}/approval")[1]["status"] == "issued"
    assert operator.post(f"{path}/refusal", reason="late")[0] == 409
    _, second = developer.post("/clients/client-Prod/certificate-orders")
    status, refused = operator.post(f"/certificate-orders/{second['id']}/refusal", reason="One is enough.")
    assert (status, refused["status"], refused["refusal_reason"]) == (200, "refused", "One is enough.")


def test_another_organizations_ids_answer_404(client: Client, stranger: Api) -> None:
    order = order_certificate(acting_user=SYSTEM, client=client)
    before = everything()
    for status, _ in (
        stranger.get("/clients/client-First/certificates"),
        stranger.get(f"/certificate-orders/{order.public_id}"),
        stranger.post(f"/certificate-orders/{order.public_id}/link"),
        stranger.post(f"/certificates/{order.certificate.public_id}/revocation"),
        stranger.post("/clients/client-First/certificate-orders"),
    ):
        assert status == 404
    assert everything() == before
