"""Where a client's customers may be sent after they have logged out: registered beside its redirect URIs."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from propylon.applications.check_redirect_uris import MOST
from propylon.applications.client_policy import policy_of
from propylon.applications.events import record_client
from propylon.applications.models import Client
from propylon.authserver.models import LogoutAddress
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.oauth.redirect_uris import registration_problem


def logout_addresses(client_id: str) -> list[str]:
    return list(LogoutAddress.objects.filter(client__client_id=client_id).order_by("pk").values_list("uri", flat=True))


@transaction.atomic
def set_logout_addresses(*, acting_user: Actor, client: Client, uris: Sequence[str]) -> None:
    """Exactly these from now on, by the rules of redirect URIs. Raises `client.logout_uris.invalid`."""
    Client.objects.select_for_update().get(pk=client.pk)
    rule = policy_of(client).redirect_rule
    problems = [registration_problem(uri, rule) or ("has a *" if "*" in uri else "") for uri in uris]
    errors = [
        FieldError(f"post_logout_redirect_uris.{place}", "body", problem)
        for place, problem in enumerate(problems)
        if problem
    ]
    if len(uris) > MOST or len(set(uris)) < len(uris):
        errors.append(FieldError("post_logout_redirect_uris", "body", f"at most {MOST}, each once"))
    if errors:
        raise PropylonError(
            "client.logout_uris.invalid",
            "Correct the fields named in errors and try again. Nothing was changed.",
            kind=Kind.MALFORMED,
            errors=errors,
        )
    before = logout_addresses(client.client_id)
    LogoutAddress.objects.filter(client=client).delete()
    LogoutAddress.objects.bulk_create(LogoutAddress(client=client, uri=uri) for uri in uris)
    record_client(acting_user, "logout_uris_set", client, before=before, after=list(uris))
