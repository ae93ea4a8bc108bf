"""Makes things that wait for somebody, and tells the ids of one thing of each kind: run inside a system's environment.

`python staging.py [--only-tell]` prints one JSON object; its names are those of `pages.PARAMETERS`.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")
import django

django.setup()

from staging_bank import bank_things, order_with_link  # noqa: E402
from staging_program import CHANGED, stage_program  # noqa: E402

from foreign_authority import ForeignAuthority  # noqa: E402
from propylon.accounts.access import actor_of  # noqa: E402  (needs django.setup)
from propylon.accounts.actions import create_access_token, invite_member, sign_up  # noqa: E402
from propylon.accounts.models import Invitation, Membership, Organization, PersonalAccessToken, User  # noqa: E402
from propylon.applications.actions import add_client, ask_for_regeneration, create_contract  # noqa: E402
from propylon.applications.actions.end_users import ask_for_end_users  # noqa: E402
from propylon.applications.check_contract import ContractTerms  # noqa: E402
from propylon.applications.check_persons import Person  # noqa: E402
from propylon.applications.contracts import today  # noqa: E402
from propylon.applications.models import (  # noqa: E402
    Application,
    Client,
    Contract,
    EndUserRequest,
    Regeneration,
    Subscription,
)
from propylon.applications.plan_client import ClientWish  # noqa: E402
from propylon.audit.models import Event  # noqa: E402
from propylon.catalog.actions import draft_import  # noqa: E402
from propylon.catalog.import_preview import ImportWish  # noqa: E402
from propylon.catalog.models import Environment, ImportDraft, ProductVersion  # noqa: E402
from propylon.certificates.actions import add_trust_anchors, order_certificate  # noqa: E402
from propylon.certificates.models import Certificate, Order, TrustAnchor  # noqa: E402
from propylon.controlplane.models import Node, Revision  # noqa: E402
from propylon.news.actions import ArticleWish, write_article  # noqa: E402
from propylon.news.models import Article  # noqa: E402
from propylon.notifications.models import Mail  # noqa: E402
from propylon.usage.models import CallRecord  # noqa: E402

PARTNER = "Nordlicht Pay"
NEWS = """Rates of the central bank, every working day at half past four.

- Read them with the scope `rates`
- Nothing changes for **Accounts**
"""
RATES = """
openapi: 3.0.3
info: {title: Exchange rates, version: 1.0.0, description: Daily rates of the central bank.}
paths:
  /rates:
    get:
      operationId: listRates
      summary: Today's rates
      responses: {"200": {description: every currency}}
  /rates/{currency}:
    get:
      operationId: getRate
      summary: One currency's rate
      parameters: [{name: currency, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: one rate}, "404": {description: no such currency}}
"""


def stage() -> None:
    """A month of a program, and what waits: requests, an order, an invitation, a person who has not verified."""
    stage_program(actor_of(User.objects.get(email="otto@bank.example")))
    dana = User.objects.get(email="dana@nordlicht.example")
    omar = User.objects.get(email="omar@nordlicht.example")
    production = Environment.objects.get(name="production")
    for name, type_, callback in (
        ("Payout Service", "server", ()),
        ("Account View", "web", ("https://accounts.nordlicht.example/callback",)),
    ):
        application = Application.objects.get(name=name, organization__name=PARTNER)
        wish = ClientWish(type_, redirect_uris=callback, products=["accounts"])
        add_client(acting_user=actor_of(dana), application=application, environment=production, wish=wish)
    ledger = Client.objects.get(application__name="Ledger Sync", environment=production)
    order_certificate(acting_user=actor_of(dana), client=ledger)
    web = Client.objects.get(application__name="Account View", environment__name="sandbox")
    ask_for_regeneration(
        acting_user=actor_of(dana), client=web, asked_by=dana, reason="It was in a log file that a supplier has read."
    )
    ask_for_end_users(
        acting_user=actor_of(dana),
        client=web,
        asked_by=dana,
        persons=[Person("Maja Lind", "maja@nordlicht.example", "199001010017")],
        reason="To try the consent page with people who are nobody's customers.",
    )
    order_with_link(dana)
    create_access_token(acting_user=actor_of(dana), user=dana, name="Deployment", lifetime=timedelta(days=30))
    otto = User.objects.get(email="otto@bank.example")
    draft_import(made_by=otto, text=RATES, wish=ImportWish())
    news = ArticleWish(
        "Exchange rates come in December", summary="Daily rates as an API.", text=NEWS, is_published=True
    )
    write_article(acting_user=actor_of(otto), wish=news)
    add_trust_anchors(acting_user=actor_of(otto), data=ForeignAuthority("Trust Service AG Web CA").pem.encode())
    organization = Organization.objects.get(name=PARTNER)
    terms = ContractTerms(
        "OF-2026-17",
        "Account information",
        today(),
        ends_on=today() + timedelta(days=400),
        environments=("production",),
        calls_per_day=50_000,
        note="Signed by both in October.",
    )
    create_contract(acting_user=actor_of(otto), organization=organization, terms=terms)
    invite_member(acting_user=actor_of(omar), organization=organization, email="nils@nordlicht.example", role="analyst")
    sign_up(
        email="freja@fjord.example",
        name="Freja Dahl",
        password="seven calm lighthouses",
        organization_name="Fjord Ledger",
    )


def tell() -> dict[str, str]:
    """One of each: of the partner's, and of what everybody sees."""
    application = Application.objects.get(name="Ledger Sync", organization__name=PARTNER)
    web = Application.objects.get(name="Account View", organization__name=PARTNER)
    client = application.clients.get(environment__name="sandbox")
    version = ProductVersion.objects.select_related("product").order_by("pk")[0]
    operation = version.operations.order_by("pk")[0]
    found = {
        "application": application,
        "web_application": web,
        "sandboxed_application": Application.objects.get(name="Budget Board", organization__name=PARTNER),
        "organization": Organization.objects.get(name=PARTNER),
        "user": User.objects.get(email="dana@nordlicht.example"),
        "subscription": Subscription.objects.filter(client=client).first(),
        "order": Order.objects.filter(client__application=application).order_by("-pk").first(),
        "certificate": Certificate.objects.filter(client=client).order_by("-pk").first(),
        "invitation": Invitation.objects.filter(organization__name=PARTNER).first(),
        "access_token": PersonalAccessToken.objects.filter(user__name="Dana Holm").order_by("-pk").first(),
        "key_request": Regeneration.objects.order_by("pk").first(),
        "end_users": EndUserRequest.objects.order_by("pk").first(),
        "waiting_order": Order.objects.filter(status="requested").order_by("pk").first(),
        "contract": Contract.objects.order_by("-pk").first(),
        "draft": ImportDraft.objects.order_by("-pk").first(),
        "mail": Mail.objects.order_by("-pk").first(),
        "anchor": TrustAnchor.objects.order_by("-pk").first(),
    }
    pending = Client.objects.filter(status="pending").order_by("pk").first()
    call = CallRecord.objects.using("usage").filter(application_id=application.public_id, status=403).first()
    return {
        **bank_things(),
        "call": call.tracking_id if call else "",
        **{name: each.public_id for name, each in found.items() if each is not None},
        "article": Article.objects.filter(published_at__isnull=False).values_list("slug", flat=True).first() or "",
        "client": client.client_id,
        "web_client": web.clients.get(environment__name="sandbox").client_id,
        "pending_client": pending.client_id if pending else "",
        "product": version.product.name,
        "version": version.version,
        "operation": operation.operation_id,
        "changed_product": CHANGED[0],
        "changed_version": CHANGED[1],
        "environment": "sandbox",
        "node": Node.objects.values_list("name", flat=True).first() or "",
        "revision": Revision.objects.order_by("-pk").values_list("version", flat=True).first() or "",
        "event": str(Event.objects.order_by("-pk").values_list("pk", flat=True).first()),
        "membership": str(Membership.objects.filter(organization__name=PARTNER).values_list("pk", flat=True).first()),
    }


if __name__ == "__main__":
    if "--only-tell" not in sys.argv:
        stage()
    print(json.dumps(tell()))
