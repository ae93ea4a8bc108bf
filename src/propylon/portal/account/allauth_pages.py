"""django-allauth's views as pages of ours: its answers get the status codes that all our pages have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

View = Callable[..., HttpResponse]


def as_page(view: View) -> View:
    """After a POST: 303 instead of 302, and 400 instead of 200 for a form that was refused."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            if response.status_code == 302:
                response.status_code = 303
            elif isinstance(response, TemplateResponse) and _is_refused(response.context_data or {}):
                response.status_code = 400
        return response

    return wrapped


def _is_refused(context: dict[str, Any]) -> bool:
    return any(bool(context[name].errors) for name in ("form", "webauthn_form") if context.get(name))
