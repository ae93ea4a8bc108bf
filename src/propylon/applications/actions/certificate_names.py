"""The alternative name by which a client's certificate is known (RFC 8705, 2.1.2), instead of its CN alone."""

from __future__ import annotations

from django.db import transaction

from propylon.accounts.checks import refuse_if
from propylon.applications.client_policy import policy_of
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError
from propylon.oauth.certificate_names import NO_NAME, comparable
from propylon.oauth.policy import TLS_CLIENT_AUTH


@transaction.atomic
def set_certificate_name(*, acting_user: Actor, client: Client, kind: str, name: str) -> None:
    """From now on only a certificate that has this name authenticates the client; those ordered later have it, those
    from before do not. `kind` "": the CN counts again.

    Raises `client.certificate_name.invalid`.
    """
    current = locked(client)
    wanted, errors = NO_NAME, []
    if kind or name:
        try:
            wanted = comparable(kind, name)
        except ValueError as why:
            errors = [FieldError("name", "body", str(why))]
        if current.token_endpoint_auth_method != TLS_CLIENT_AUTH or not policy_of(current).needs_service_account:
            errors.append(FieldError("name", "body", "is for applications that authenticate with a certificate"))
    refuse_if("client.certificate_name.invalid", "Correct the name and try again. Nothing was changed.", errors)
    before = (current.certificate_name_kind, current.certificate_name)
    if before == wanted:
        return
    current.certificate_name_kind, current.certificate_name = wanted
    current.save(update_fields=["certificate_name_kind", "certificate_name"])
    record_client(acting_user, "certificate_name_set", current, before=":".join(before), after=":".join(wanted))
    client.certificate_name_kind, client.certificate_name = wanted
