"""What guides may say of this installation: the words behind their places."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from propylon.catalog.access import Visitor
from propylon.catalog.selectors import default_plan
from propylon.gateway.model import GatewayModel
from propylon.kernel.certificate_files import CERTIFICATE_FILE, CHAIN_FILE, KEY_FILE
from propylon.oauth.tokens import ACCESS_TOKEN_TTL, CODE_TTL, PUSHED_REQUEST_TTL, REFRESH_TOKEN_TTL
from propylon.portal.catalogue.subject import Subject
from propylon.portal.installation import InstallationFacts, sample_entry, target_for

_LIMITS: dict[str, Any] = {field.name: field.default for field in GatewayModel.__dataclass_fields__.values()}


def guide_facts(user: Visitor, facts: InstallationFacts, subject: Subject | None) -> dict[str, str]:
    """Every place that a guide may name. Without a product or a test environment, words stand for them."""
    test, plan = facts.test, default_plan()
    target, _client = target_for(user, subject)
    entry = sample_entry(subject.entries) if subject else None
    return {
        "public_url": facts.public_url,
        "mutual_url": facts.mutual_url,
        "issuer": facts.issuer,
        "issuer_mutual": facts.issuer_mutual,
        "host": facts.host,
        "public_port": str(facts.public_port),
        "mutual_port": str(facts.mutual_port),
        "ca_url": facts.ca_url,
        "certificate_file": CERTIFICATE_FILE,
        "chain_file": CHAIN_FILE,
        "key_file": KEY_FILE,
        "environments": environments_table(facts),
        "test_title": test.title if test else _("the test environment"),
        "test_url": test.public_url if test else facts.public_url,
        "product_title": subject.title if subject else _("a product"),
        "product_page": f"/products/{subject.name}" if subject else "/products",
        "token_page": f"/products/{subject.name}/{subject.version}/token" if subject else "/getting-started",
        "sample_public_url": target.sample_public_url or f"{facts.public_url}/sandbox",
        "sample_mutual_url": target.sample_mutual_url or f"{facts.mutual_url}/sandbox",
        "sample_path": entry.path if entry else "/accounts",
        "scope": target.scope,
        "client_id": target.client_id or "your-client-id",
        "redirect_uri": target.redirect_uri or "https://localhost/callback",
        "longest_url": number_format(_LIMITS["max_url_length"], force_grouping=True),
        "largest_body": f"{_LIMITS['max_body_bytes'] // (1024 * 1024)} MB",
        "token_minutes": str(ACCESS_TOKEN_TTL // 60),
        "code_seconds": str(CODE_TTL),
        "pushed_seconds": str(PUSHED_REQUEST_TTL),
        "refresh_days": str(REFRESH_TOKEN_TTL // 86_400),
        "plan_rate": str(plan.requests_per_second) if plan else _("some"),
        "plan_burst": str(plan.burst) if plan else _("some"),
    }


def environments_table(facts: InstallationFacts) -> str:
    """A table in Markdown."""
    rows = [f"| {each.title} | `{each.public_url}` | `{each.mutual_url}` |" for each in facts.environments]
    heads = " | ".join((_("environment"), "TLS", _("two-way TLS")))
    return "\n".join([f"| {heads} |", "|---|---|---|", *rows])
