"""Answers of the authorization endpoint, on their way through the customer's browser."""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.conf import settings

from propylon.authserver.models import AuthorizationRequest
from propylon.authserver.signing import signers
from propylon.oauth.authorization_response import FORM_POST, FormPost, WayBack, answer_address, default_mode

Answer = str | FormPost


def address_with(back: WayBack, members: Mapping[str, str]) -> Answer:
    """Where the browser goes with a code, an error or tokens; signed if the client asked for that (JARM)."""
    if back.response_mode == FORM_POST:
        return FormPost(back.redirect_uri, {**members, "state": back.state, "iss": settings.PROPYLON_ISSUER_URL})
    return answer_address(
        back,
        members,
        issuer=settings.PROPYLON_ISSUER_URL,
        now=int(time.time()),
        sign=lambda claims: signers.get().authorization_response(claims),
    )


def way_back_of(row: AuthorizationRequest) -> WayBack:
    parameters = row.parameters
    return WayBack(
        client_id=row.client.client_id,
        redirect_uri=parameters["redirect_uri"],
        state=parameters["state"],
        response_mode=parameters.get("response_mode") or default_mode(parameters.get("response_type", "code")),
    )
