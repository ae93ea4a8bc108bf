"""The page behind a one-time link, the root certificate, the revocation lists."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from propylon.audit.request_context import current_tracking_id
from propylon.certificates.actions import download
from propylon.certificates.actions.downloads import LONGEST_PASSWORD, SHORTEST_PASSWORD
from propylon.certificates.internal_ca import ROOT
from propylon.certificates.selectors import authority_row, open_link
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_STATUS = {Kind.MALFORMED: 400, Kind.NOT_FOUND: 404, Kind.CONFLICT: 409}


@never_cache
@csrf_exempt  # the secret in the address is what counts; no cookie gives a right here
@require_http_methods(["GET", "HEAD", "POST"])
def download_page(request: HttpRequest) -> HttpResponse:
    """GET explains and uses nothing up, so that a mail scanner burns no link; POST delivers, once.

    The link's secret is in the query, which no call record keeps.
    """
    token = request.GET.get("token", "")
    try:
        link = open_link(Secret(token))
        if request.method != "POST":
            return _page(request, "download", 200, link=link)
        try:
            return _deliver(request, token)
        except PropylonError as error:
            if error.kind is not Kind.MALFORMED:
                raise
            return _page(request, "download", 400, link=link, error=error, format=request.POST.get("format", ""))
    except PropylonError as error:
        return _page(request, "link_refused", _STATUS.get(error.kind, 503), error=error)


@require_GET
def root_certificate(request: HttpRequest) -> HttpResponse:
    """The root CA's certificate, PEM: what clients of this installation trust."""
    root = authority_row(ROOT)
    if root is None:
        raise Http404
    return HttpResponse(root.certificate_pem, content_type="application/x-x509-ca-cert")


@require_GET
def revocation_list(request: HttpRequest, kind: str) -> HttpResponse:
    """The CRL of an authority, DER (RFC 2585)."""
    row = authority_row(kind)
    if row is None or not row.crl_pem:
        raise Http404
    der = x509.load_pem_x509_crl(row.crl_pem.encode()).public_bytes(Encoding.DER)
    return HttpResponse(der, content_type="application/pkix-crl")


def _deliver(request: HttpRequest, token: str) -> HttpResponse:
    form = request.POST
    bundle = download(token=token, format=form.get("format", ""), password=form.get("password", ""))
    response = HttpResponse(bundle.content, content_type=bundle.content_type)
    response["Content-Disposition"] = f'attachment; filename="{bundle.filename}"'
    return response


def _page(request: HttpRequest, name: str, status: int, **context: object) -> HttpResponse:
    context |= {
        "tracking_id": current_tracking_id(),
        "shortest": SHORTEST_PASSWORD,
        "longest": LONGEST_PASSWORD,
    }
    response = render(request, f"certificates/{name}.html", context, status=status)
    response["Content-Security-Policy"] = _POLICY
    # The address holds the link's secret. `no-referrer` would make `Origin` null, and the language form be refused.
    response["Referrer-Policy"] = "strict-origin"
    return response
