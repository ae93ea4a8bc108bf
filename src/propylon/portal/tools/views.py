"""The certificate tool: what `propylon cert` does, for those who have no command line (FEATURES C6).

Nothing is kept. Uploads stay in memory (the settings' upload handler), are read by a process of their own that can
write no file (toolkit.bounded), and are gone with the answer. So a POST leads nowhere: nothing could be shown there.
"""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from propylon.accounts.attempts import Limit, spend_attempt
from propylon.kernel.errors import PropylonError
from propylon.portal.account.access import signed_in, signed_in_user
from propylon.portal.tools.forms import CertificateToolForm
from propylon.portal.tools.shown import Shown
from propylon.toolkit.bounded import Question, Reply, ask
from propylon.toolkit.contents import NamedFile

_TRIALS = Limit("certificate tool, user", 60, timedelta(minutes=15))
_COMMANDS = (
    "propylon cert inspect partner.pfx\n"
    "propylon cert extract partner.pfx --out identity\n"
    "propylon cert check identity/certificate.crt identity/private.key --service-account svcYourNameV01"
)
_KINDS = {".zip": "application/zip", ".pfx": "application/x-pkcs12"}


@sensitive_post_parameters("password", "new_password")
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def certificate(request: HttpRequest) -> HttpResponse:
    """Looks at the files, or answers with what was made of them."""
    form = CertificateToolForm(request.POST, request.FILES) if request.method == "POST" else CertificateToolForm()
    shown = None
    if form.is_bound and form.is_valid():
        try:
            spend_attempt(_TRIALS, signed_in_user(request).public_id)
            reply = ask(_question(form))
        except PropylonError as error:
            form.add_refusal(error)
        else:
            if reply.data:
                return _download(reply)
            shown = Shown(reply.inspection)
    context = {"form": form, "shown": shown, "commands": _COMMANDS}
    return render(request, "portal/tools/certificate.html", context, status=400 if form.errors else 200)


def _question(form: CertificateToolForm) -> Question:
    data = form.cleaned_data
    return Question(
        files=[NamedFile(str(file.name)[:100], file.read()) for file in data["certificate_files"]],
        passwords=[data["password"]] if data["password"] else [],
        service_account=data["service_account"],
        form=data["form"],
        new_password=data["new_password"],
    )


def _download(reply: Reply) -> HttpResponse:
    kind = next((kind for suffix, kind in _KINDS.items() if reply.name.endswith(suffix)), "application/octet-stream")
    response = HttpResponse(reply.data, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{reply.name}"'
    return response
