"""What a client's tokens call customers, in the management API; and who is meant, for the bank's own systems."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.access import actor_of
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.authserver.pairwise import sector_of_client, set_pairwise
from propylon.oauth.sectors import PAIRWISE

router = Router(tags=["Clients"])


class SubjectType(Schema):
    subject_type: Literal["public", "pairwise"]
    sector: str = Field(
        "", max_length=253, description="A host name; empty: the host of the redirect URIs, if all are on one."
    )


@router.get("/{client_id}/subject-type", response=SubjectType, summary="What tokens call customers")
def show_subject_type(request: HttpRequest, client_id: str) -> SubjectType:
    client = access_client(current_user(request), client_id, Permission.VIEW_APPLICATIONS)
    return _body(sector_of_client(client.client_id))


@router.put("/{client_id}/subject-type", response=SubjectType, summary="Set what tokens call customers")
def change_subject_type(request: HttpRequest, client_id: str, payload: SubjectType) -> SubjectType:
    """`pairwise`: by a name that only clients of the same sector share. Consents that stand keep their names.

    The bank alone decides.
    """
    user = current_user(request)
    client = access_client(user, client_id, Permission.MANAGE_PROGRAM)
    is_pairwise = payload.subject_type == PAIRWISE
    sector = payload.sector if is_pairwise else ""
    return _body(set_pairwise(acting_user=actor_of(user), client=client, is_pairwise=is_pairwise, sector=sector))


def _body(sector: str) -> SubjectType:
    return SubjectType(subject_type="pairwise" if sector else "public", sector=sector)
