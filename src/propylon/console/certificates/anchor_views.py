"""Trust anchors: foreign authorities whose certificates the mutual listener lets through."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.audit.paging import page_of
from propylon.audit.selectors import events_about
from propylon.certificates import actions, selectors
from propylon.certificates.access import access_trust_anchor
from propylon.certificates.actions.trust_anchors import Added
from propylon.certificates.models import TrustAnchor
from propylon.console.access import staff_change, staff_form, staff_user
from propylon.console.pages import console_page, done, page_query, status_of
from propylon.design.forms import PageForm
from propylon.kernel.errors import PropylonError

_STATES = {
    "in_force": (gettext_lazy("In force"), "good", "check"),
    "waiting": (gettext_lazy("Needs its list"), "wait", "clock"),
    "list_ended": (gettext_lazy("Its list has ended"), "bad", "octagon-x"),
    "expired": (gettext_lazy("Expired"), "bad", "octagon-x"),
}


class AnchorTextForm(PageForm):
    """Something to read, pasted or as a file."""

    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("Or its file"), required=False)

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("file") and not data.get("text", "").strip():
            self.add_error("text", _("Paste it, or choose its file."))
        return data

    def data_sent(self) -> bytes:
        file = self.cleaned_data["file"]
        sent: bytes = file.read() if file else self.cleaned_data["text"].encode()
        return sent


@staff_form(Permission.SECURE)
def trust_anchors(request: HttpRequest) -> HttpResponse:
    """All of them; POST adds from PEM or a trusted list."""
    label = _("Certificates (PEM), or a trusted list (XML, ETSI TS 119 612)")
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form, status = AnchorTextForm(*sent, label=label), 200
    if form.is_bound and form.is_valid():
        try:
            user = staff_user(request)
            added = actions.add_trust_anchors(acting_user=actor_of(user), data=form.data_sent())
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            _warn(request, added)
            return done(request, _told(added), reverse("console_certificates:trust_anchors"))
    elif form.is_bound:
        status = 400
    page = page_of(selectors.trust_anchors(), page_query(request), name="console trust anchors")
    rows = [(row, *_STATES[row.state]) for row in page.rows]
    return console_page(
        request, "certificates/anchors.html", {"page_rows": page, "rows": rows, "form": form}, status=status
    )


@staff_form(Permission.SECURE)
def trust_anchor(request: HttpRequest, anchor_id: str) -> HttpResponse:
    """One; POST sets its newest revocation list."""
    user = staff_user(request)
    anchor = access_trust_anchor(user, anchor_id, Permission.VIEW_PROGRAM)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form, status = AnchorTextForm(*sent, label=_("Revocation list (CRL), PEM")), 200
    if form.is_bound and form.is_valid():
        try:
            actions.set_revocations(acting_user=actor_of(user), anchor=anchor, data=form.data_sent())
        except PropylonError as error:
            form.add_refusal(error)
            status = status_of(error)
        else:
            return done(
                request, _("The revocation list was taken. The gateways have it within a second."), request.path
            )
    elif form.is_bound:
        status = 400
    word, tone, sign = _STATES[anchor.state]
    events = list(events_about([("trust_anchor", anchor.public_id)]).order_by("-pk")[:20])
    context = {"anchor": anchor, "word": word, "tone": tone, "sign": sign, "form": form, "events": events}
    return console_page(request, "certificates/anchor.html", context, status=status)


@staff_change(Permission.SECURE)
def remove_trust_anchor(request: HttpRequest, anchor_id: str) -> HttpResponse:
    user = staff_user(request)
    anchor: TrustAnchor = access_trust_anchor(user, anchor_id, Permission.SECURE)
    actions.remove_trust_anchor(acting_user=actor_of(user), anchor=anchor)
    said = _("%(name)s is trusted no longer.") % {"name": anchor.name}
    return done(request, said, reverse("console_certificates:trust_anchors"))


def _told(added: Added) -> str:
    count = len(added.anchors)
    sentence = ngettext("%(count)d authority was added.", "%(count)d authorities were added.", count)
    return f"{sentence % {'count': count}} " + _("Each comes into force with its revocation list.")


def _warn(request: HttpRequest, added: Added) -> None:
    if added.is_list:
        messages.warning(
            request,
            _(
                "The signature of the trusted list was not verified here. Make sure that it came over HTTPS from the "
                "address in the European Commission's list of lists."
            ),
        )
    if added.left_out:
        number = {"count": len(added.left_out)}
        messages.warning(request, _("%(count)d entries of the list are no anchors; the API says why.") % number)
