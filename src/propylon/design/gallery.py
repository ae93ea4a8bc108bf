"""The page that shows every component, for those who build pages."""

from __future__ import annotations

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from propylon.design.forms import LinesField, PageForm
from propylon.design.states import STATES

_PYTHON = (
    'import httpx\n\nanswer = httpx.get("https://localhost:8443/health/ready")\nprint(answer.status_code)  # 200\n'
)


class _ExampleForm(PageForm):
    name = forms.CharField(label="Name", max_length=80, help_text="What your customers will see.")
    email = forms.EmailField(label="Contact mail", required=False)
    type = forms.ChoiceField(
        label="Type", widget=forms.RadioSelect, choices=[("server", "Server to server"), ("web", "Web application")]
    )
    ranges = LinesField(label="Source ranges", help_text="One per line.")
    agrees = forms.BooleanField(label="I have read the terms.")


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Not linked from anywhere; open to all, as it holds no data."""
    wrong = _ExampleForm({"name": "", "email": "no address", "type": "web"})
    context = {
        "states": list(STATES),
        "form": _ExampleForm(),
        "wrong": wrong,
        "python": _PYTHON,
        "now": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    }
    return render(request, "design/gallery.html", context)
