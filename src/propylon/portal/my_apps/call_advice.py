"""Where to go about a call that went wrong: by the code of its refusal, else by the status of its answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from propylon.portal.my_apps.app_page import AppPage
from propylon.usage.models import CallRecord


@dataclass(frozen=True, slots=True)
class Advice:
    """`text` says what to do; the link, if there is one, leads to where it is done."""

    text: str
    address: str = ""
    action: str = ""


def advice_for(page: AppPage, record: CallRecord) -> Advice | None:
    if record.refusal_code:
        return _about_refusal(page, record)
    if record.status >= 500:
        return Advice(_("The service behind the gateway failed. Try again; if it stays, tell support the tracking id."))
    if record.status >= 400:
        return Advice(_("The answer's body says why. Compare the request with the documentation."), *_reference(record))
    return None


def _about_refusal(page: AppPage, record: CallRecord) -> Advice | None:
    code = record.refusal_code
    keys = (page.address("keys"), _("Keys"))
    certificates = (page.address("certificates"), _("Certificates"))
    text = _("The certificate must be one of this application's service account, valid and not revoked.")
    of_certificate = Advice(text, *certificates)
    known = {
        "gateway.source.refused": Advice(
            _("The call came from %(address)s.") % {"address": record.source_address},
            page.address("source_ranges"),
            _("Source ranges"),
        ),
        "gateway.scope.missing": Advice(
            _("The scopes of a token are those of the products that the application is subscribed to."),
            page.address("subscriptions"),
            _("Subscriptions"),
        ),
        "gateway.token.binding": of_certificate,
        "gateway.token.audience": Advice(
            _("Each environment has keys of its own, and tokens work only where they were made for."), *keys
        ),
    }
    if code in known:
        return known[code]
    if code.startswith("gateway.certificate."):
        return of_certificate
    if code.startswith("gateway.token."):
        return Advice(_("Ask for a new token with the keys of this application."), *keys)
    if code in {"gateway.path.unknown", "gateway.method.refused", "gateway.url.too_long"}:
        return Advice(_("The documentation lists paths and methods."), *_reference(record))
    return None


def _reference(record: CallRecord) -> tuple[str, str]:
    address = f"/products/{record.product}/{record.version}/reference" if record.product else "/products"
    return address, _("Documentation")
