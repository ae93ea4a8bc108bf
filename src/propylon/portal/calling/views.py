"""Pages of this area: the call console, and what developers take along."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from propylon.accounts.access import actor_of
from propylon.accounts.models import User
from propylon.applications.models import Client
from propylon.catalog.access import access_operation, access_version
from propylon.catalog.models import Operation, ProductVersion
from propylon.kernel.errors import Kind, PropylonError
from propylon.portal.calling import downloads
from propylon.portal.calling.choices import callable_client
from propylon.portal.calling.operation_page import Calling, calling_of, choices_of, user_of
from propylon.portal.calling.shown_answer import shown_answer
from propylon.portal.calling.trying import try_operation

SIGN_IN = "/sign-in"


@require_http_methods(["GET", "HEAD", "POST"])
def try_(request: HttpRequest, name: str, version: str, operation_id: str) -> HttpResponse:
    """The console of one operation. A POST calls, and answers with the result: what came back is kept nowhere."""
    user = user_of(request)
    if user is None:
        return redirect_to_login(request.get_full_path(), SIGN_IN)
    operation = access_operation(user, name, version, operation_id)
    calling = _tried(request, user, operation) if request.method == "POST" else calling_of(request, operation)
    is_wrong = calling.form is not None and bool(calling.form.errors)
    if getattr(request, "htmx", False):  # htmx puts an answer into the page only if its status is a success
        return render(request, "portal/calling/try.html", {"calling": calling})
    return render(request, "portal/calling/try_page.html", {"calling": calling}, status=400 if is_wrong else 200)


@require_safe
def sample(request: HttpRequest, name: str, version: str, operation_id: str, language: str) -> HttpResponse:
    """One code sample as a file; a stranger's has a place for the client id."""
    operation = access_operation(request.user, name, version, operation_id)
    client = _client(request, operation.product_version)
    for each in downloads.samples(operation, client):
        if each.language == language:
            return _file(each.filename, each.text, "text/plain; charset=utf-8")
    raise PropylonError("catalog.sample.unknown", "There is no sample in this language.", kind=Kind.NOT_FOUND)


@require_safe
def postman_collection(request: HttpRequest, name: str, version: str) -> HttpResponse:
    return _postman(request, name, version, "collection")


@require_safe
def postman_environment(request: HttpRequest, name: str, version: str) -> HttpResponse:
    return _postman(request, name, version, "environment")


def _tried(request: HttpRequest, user: User, operation: Operation) -> Calling:
    # Only ever as the application that the form named: a stale choice must not become another one.
    callable_client(user, operation.product_version, request.POST.get("client", "")[:80])
    calling = calling_of(request, operation, data=request.POST)
    form, client = calling.form, calling.client
    if form is None or client is None or not form.is_valid():
        return calling
    try:
        tried = try_operation(acting_user=actor_of(user), operation=operation, client=client, wish=form.wish())
    except PropylonError as error:
        form.add_refusal(error)
        return calling
    return calling_of(request, operation, data=request.POST, answer=shown_answer(tried))


def _postman(request: HttpRequest, name: str, version: str, kind: str) -> HttpResponse:
    found = access_version(request.user, name, version)
    client = _client(request, found)
    make = downloads.postman_collection if kind == "collection" else downloads.postman_environment
    return _file(f"{name}-{version}.postman_{kind}.json", _json(make(found, client)), "application/json")


def _client(request: HttpRequest, version: ProductVersion) -> Client | None:
    return next(iter(choices_of(request, version)), None)


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _file(filename: str, text: str, content_type: str) -> HttpResponse:
    """`filename` holds letters, digits, dots, hyphens and underscores only."""
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
