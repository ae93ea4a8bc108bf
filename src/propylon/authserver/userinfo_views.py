"""The UserInfo endpoint, OpenID Connect Core section 5.3: whose consent a living token stands for."""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from propylon.authserver.issued import living_claims
from propylon.authserver.nonces import NONCE_HEADER, nonce_to_tell, nonces_in
from propylon.authserver.peer_certificate import peer_certificate
from propylon.authserver.proofs import remember_proof
from propylon.kernel.tracking import TRACKING_HEADER
from propylon.oauth.bearer import InsufficientScope, InvalidToken, Presentation, check_binding, read_token
from propylon.oauth.dpop import Proof
from propylon.oauth.errors import OAuthError
from propylon.oauth.metadata import USERINFO
from propylon.oauth.scopes import OPENID


@csrf_exempt  # no cookie means anything here
@require_http_methods(["GET", "POST", "OPTIONS"])
def userinfo(request: HttpRequest) -> HttpResponse:
    if request.method == "OPTIONS":
        return _answer(HttpResponse(status=204))
    refused = ""
    try:
        response = _answer(JsonResponse({"sub": _subject(request)}))
    except (InvalidToken, InsufficientScope) as refusal:
        refused = refusal.code
        body = {"error": refusal.code, "error_description": str(refusal)} if refusal.code else {}
        response = _answer(JsonResponse(body, status=refusal.status))
        response["WWW-Authenticate"] = refusal.challenge()
    if nonce := nonce_to_tell(proof=request.headers.get("dpop", ""), error=refused):
        response[NONCE_HEADER] = nonce
    return response


def _subject(request: HttpRequest) -> str:
    presented = read_token(request.headers.get("authorization", ""))
    claims = living_claims(presented.token)
    if claims is None:
        raise InvalidToken("The token is unknown, expired or revoked. Ask for a new one.", scheme=presented.scheme)
    header, now = request.headers.get("x-propylon-peer-certificate", ""), int(time.time())
    is_mutual = request.headers.get("x-propylon-listener") == "mutual"
    origin = settings.PROPYLON_ISSUER_MUTUAL_URL if is_mutual else settings.PROPYLON_ISSUER_URL
    proof = check_binding(
        claims,
        Presentation(
            scheme=presented.scheme,
            token=presented.token,
            certificate=peer_certificate(header),
            proof=request.headers.get("dpop", ""),
            method=request.method or "",
            address=origin + USERINFO,
            now=now,
            nonces=nonces_in(claims["env"], now) if "jkt" in claims.get("cnf", {}) else (),
        ),
    )
    if OPENID not in claims.get("scope", "").split(" ") or "gid" not in claims:
        raise InsufficientScope("Ask the customer for the scope openid.", scope=OPENID)
    if proof is not None:
        _remember(proof)
    subject: str = claims["sub"]
    return subject


def _remember(proof: Proof) -> None:
    try:
        remember_proof(proof)
    except OAuthError as error:
        raise InvalidToken(error.description, scheme="DPoP", code="invalid_dpop_proof") from None


def _answer(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "GET, POST"
    response["Access-Control-Allow-Headers"] = "authorization, dpop"
    response["Access-Control-Expose-Headers"] = f"{TRACKING_HEADER}, WWW-Authenticate, {NONCE_HEADER}"
    return response
