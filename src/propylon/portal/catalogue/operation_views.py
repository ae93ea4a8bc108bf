"""The reference: all operations, and one page for each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from propylon.catalog.models import Operation
from propylon.catalog.rule_words import needs_in_words
from propylon.oauth.error_table import OAUTH_ERRORS
from propylon.openapi.documented import DocumentedOperation
from propylon.openapi.samples import LANGUAGES, SampleClient
from propylon.openapi.samples.call import sample_call
from propylon.portal.calling.operation_page import calling_of
from propylon.portal.catalogue.authentication import documented_here
from propylon.portal.catalogue.product_views import product_page, subject_at
from propylon.portal.catalogue.refusals import errors_of
from propylon.portal.catalogue.subject import Entry, Subject, documented_in


@require_safe
def reference(request: HttpRequest, product: str, version: str) -> HttpResponse:
    return product_page(request, "reference", subject_at(request, product, version))


@require_safe
def operation(request: HttpRequest, product: str, version: str, operation_id: str) -> HttpResponse:
    subject = subject_at(request, product, version)
    entry = subject.entry(operation_id)
    if (chosen := request.GET.get("app")) is not None:
        return HttpResponseRedirect(f"{request.path}?{urlencode({'client': chosen})}", status=303)
    documented = subject.documented(entry)
    before, after = subject.neighbours(entry)
    return product_page(
        request,
        "operation",
        subject,
        entry=entry,
        operation=documented,
        described=_described(
            *subject.key, entry.method, entry.path, get_language() or "", _answer(request, documented)
        ),
        scopes=[(name, subject.scopes.get(name, "")) for name in entry.scopes],
        needs=needs_in_words(entry, subject.product) if subject.product else (),
        before=before,
        after=after,
        **_right(request, subject, entry, documented),
    )


@lru_cache(maxsize=64)
def _described(key: int, document_hash: str, method: str, path: str, _language: str, answer: str) -> SafeString:
    """Parameters, body and answers as HTML: long for the large documents, and the same for everybody."""
    found = documented_in(key, document_hash, method, path) if key else documented_here(method, path)
    assert found is not None  # noqa: S101  (the view has read it)
    locations = [(each, found.parameters_in(each)) for each in ("path", "query", "header")]
    context = {"operation": found, "locations": locations, "answer": answer}
    return render_to_string("portal/catalogue/operation_described.html", context)


def _answer(request: HttpRequest, documented: DocumentedOperation) -> str:
    """The status whose body is asked for, if it is one of the document's: nothing else may fill the memory."""
    asked = request.GET.get("answer", "")
    return asked if any(response.status == asked for response in documented.responses) else ""


def _right(request: HttpRequest, subject: Subject, entry: Entry, documented: DocumentedOperation) -> dict[str, Any]:
    """The column of examples, and the errors."""
    if subject.row is None:
        found = [each for each in OAUTH_ERRORS if each.where == "both" or _is_at(entry, each.where)]
        return {"oauth_errors": found, "sample": _sample(entry, documented)}
    row = Operation.objects.get(product_version=subject.row, operation_id=entry.operation_id)
    row.product_version = subject.row
    return {"errors": errors_of(entry), "calling": calling_of(request, row)}


def _is_at(entry: Entry, where: str) -> bool:
    if where == "token":
        return entry.method == "POST"
    if where == "ask":
        return entry.operation_id == "askCustomer"
    return entry.operation_id in {"authorize", "pushAuthorizationRequest"}


def _sample(entry: Entry, documented: DocumentedOperation) -> str:
    """The authorization server's own endpoints, with curl."""
    call = sample_call(
        documented.request,
        name=entry.operation_id,
        base_url=settings.PROPYLON_ISSUER_URL,
        token_url=f"{settings.PROPYLON_ISSUER_URL}/oauth/token",
        ca_url=f"{settings.PROPYLON_PUBLIC_URL}/ca.crt",
        scopes=(),
        needs_token=False,
    )
    return LANGUAGES["curl"].write(call, SampleClient("", uses_client_credentials=True, has_certificate=False))
