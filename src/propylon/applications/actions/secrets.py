"""Client secrets: made, shown again to who proves to be the developer, replaced by the operator (FEATURES A2, A3)."""

from __future__ import annotations

from django.db import transaction

from propylon.accounts.actions import confirm_password
from propylon.accounts.models import User
from propylon.applications.events import record_client
from propylon.applications.generation import end_tokens, locked
from propylon.applications.models import Client
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.notifications.actions import queue_mail
from propylon.sealing.entropy import digest, new_secret
from propylon.sealing.installation import sealer

PURPOSE = "client-secret"


def make_secret(client: Client) -> Secret:
    """A new secret on the client's row; call it in the action's transaction."""
    secret = new_secret()
    client.secret_digest = digest(secret)
    client.secret_sealed = sealer().seal(secret, purpose=PURPOSE)
    client.save(update_fields=["secret_digest", "secret_sealed"])
    return secret


def show_secret(*, acting_user: Actor, user: User, client: Client, password: str, source_address: str = "") -> Secret:
    """The secret again, after the user's own password; audited. Raises `client.secret.none` if it has none."""
    confirm_password(user=user, password=password, source_address=source_address)
    with transaction.atomic():
        sealed = Client.objects.values_list("secret_sealed", flat=True).get(pk=client.pk)
        if not sealed:
            raise _no_secret()
        record_client(acting_user, "secret_shown", client)
    return sealer().unseal(sealed, purpose=PURPOSE)


@transaction.atomic
def regenerate_secret(*, acting_user: Actor, client: Client, reason: str) -> None:
    """The old secret and the tokens got with it are refused at once; the developers are told and look the new one up.

    Raises `client.secret.none`, `client.secret.reason_missing`.
    """
    if not reason.strip():
        raise PropylonError(
            "client.secret.reason_missing",
            "Say why the secret is replaced; it stays in the application's history.",
            kind=Kind.MALFORMED,
            errors=[FieldError("reason", "body", "must not be empty")],
        )
    current = locked(client)
    if not current.secret_digest:
        raise _no_secret()
    make_secret(current)
    end_tokens(acting_user=acting_user, client=current, reason="secret regenerated")
    record_client(acting_user, "secret_regenerated", current, reason=reason.strip()[:400])
    queue_mail(
        to=current.application.contact_email,
        subject=f"{current.application.name}: new client secret",
        body=(
            f"Hello,\n\nthe client secret of {current.application.name} in {current.environment.title} was replaced; "
            f"the old one no longer works.\n\nReason: {reason.strip()[:400]}\n\n"
            "Show the new one in the application's keys.\n"
        ),
    )
    client.refresh_from_db()


def _no_secret() -> PropylonError:
    return PropylonError(
        "client.secret.none",
        "This client has no secret: it is not approved yet, or it authenticates in another way.",
        kind=Kind.CONFLICT,
    )
