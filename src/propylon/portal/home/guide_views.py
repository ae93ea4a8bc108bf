"""Getting started, and the guides: true for this installation because they are made from it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from propylon.portal.catalogue.views import visitor_of
from propylon.portal.home.facts import guide_facts
from propylon.portal.home.guides import guide, guides
from propylon.portal.installation import first_subject, installation, sample_entry, target_for
from propylon.portal.token_recipes import recipes


@require_safe
def getting_started(request: HttpRequest) -> HttpResponse:
    user = visitor_of(request)
    subject = first_subject(user)
    target, client = target_for(user, subject)
    facts = installation()
    trust = f"curl -sSk {facts.ca_url} -o ca.crt\ncurl --cacert ca.crt {facts.public_url}/health/ready"
    context = {
        "facts": facts,
        "subject": subject,
        "entry": sample_entry(subject.entries) if subject else None,
        "guides": guides(),
        "recipes": recipes(target),
        "client": client,
        "trust_command": trust,
        "fingerprint_command": "openssl x509 -in ca.crt -noout -fingerprint -sha256",
    }
    return render(request, "portal/home/getting_started.html", context)


@require_safe
def guide_list(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home/guides.html", {"guides": guides()})


@require_safe
def show_guide(request: HttpRequest, slug: str) -> HttpResponse:
    found = guide(slug)
    user = visitor_of(request)
    facts = guide_facts(user, installation(), first_subject(user))
    listed = guides()
    at = listed.index(found)
    context = {
        "guide": found,
        "text": found.filled(facts),
        "guides": listed,
        "after": listed[at + 1] if at + 1 < len(listed) else None,
    }
    return render(request, "portal/home/guide.html", context)
