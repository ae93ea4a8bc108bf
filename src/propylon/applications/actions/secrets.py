"""Client secrets: made, shown again to who proves to be the developer, replaced by the operator (FEATURES A2, A3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from propylon.accounts.actions import confirm_password
from propylon.accounts.models import User
from propylon.applications import mails
from propylon.applications.events import record_client
from propylon.applications.generation import end_tokens, locked
from propylon.applications.models import Client
from propylon.applications.overlaps import NO_OVERLAP, OVERLAPS
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest, new_secret
from propylon.sealing.installation import sealer

PURPOSE = "client-secret"
SECRET_FIELDS = ("secret_digest", "secret_sealed", "old_secret_digest", "old_secret_ends_at")


def make_secret(client: Client) -> Secret:
    """A new secret on the client's row, none beside it; call it in the action's transaction."""
    return _store_secret(client, old_digest="", old_ends_at=None)


def wipe_secrets(client: Client) -> None:
    """On the object only: the caller saves SECRET_FIELDS."""
    client.secret_digest = client.secret_sealed = client.old_secret_digest = ""
    client.old_secret_ends_at = None


def _store_secret(client: Client, *, old_digest: str, old_ends_at: datetime | None) -> Secret:
    secret = new_secret()
    client.secret_digest = digest(secret)
    client.secret_sealed = sealer().seal(secret, purpose=PURPOSE)
    client.old_secret_digest, client.old_secret_ends_at = old_digest, old_ends_at
    client.save(update_fields=SECRET_FIELDS)
    return secret


def show_secret(*, acting_user: Actor, user: User, client: Client, password: str, source_address: str = "") -> Secret:
    """The secret again, after the user's own password; audited. Raises `client.secret.none` if it has none."""
    confirm_password(user=user, password=password, source_address=source_address)
    with transaction.atomic():
        sealed = Client.objects.values_list("secret_sealed", flat=True).get(pk=client.pk)
        if not sealed:
            raise no_secret()
        record_client(acting_user, "secret_shown", client)
    return sealer().unseal(sealed, purpose=PURPOSE)


@transaction.atomic
def reveal_secret(*, acting_user: Actor, client: Client) -> Secret:
    """To the client itself, which has proven by its registration access token to be it (RFC 7592, 2.1); audited."""
    record_client(acting_user, "secret_shown", client)
    return sealer().unseal(client.secret_sealed, purpose=PURPOSE)


def replace_secret(acting_user: Actor, client: Client, *, overlap: str, reason: str) -> None:
    """For a client that is locked. Without overlap the old secret and the tokens got with it are refused at once.

    With overlap its tokens go on. While two secrets work a third is refused, as it would end one that its partner
    still counts on: unless the operator says that nothing old may work. Raises `client.secret.none`,
    `client.secret.overlap_running`.
    """
    if not client.secret_digest:
        raise no_secret()
    if overlap != NO_OVERLAP and client.has_two_secrets:
        raise PropylonError(
            "client.secret.overlap_running",
            f"The secret before this one works until {mails.moment(client.old_secret_ends_at)}. Wait for that, end it "
            "first, or choose no overlap. Nothing was changed.",
            kind=Kind.CONFLICT,
        )
    ends_at = timezone.now() + OVERLAPS[overlap]
    _store_secret(client, old_digest=client.secret_digest, old_ends_at=ends_at)
    if overlap == NO_OVERLAP:
        end_tokens(acting_user=acting_user, client=client, reason="secret regenerated")
    record_client(
        acting_user,
        "secret_regenerated",
        client,
        reason=reason,
        overlap=overlap,
        old_secret_ends_at=ends_at.isoformat(),
    )


@transaction.atomic
def end_old_secret(*, acting_user: Actor, client: Client, refuse_tokens: bool = False) -> None:
    """End an overlap before its time. `refuse_tokens`: all tokens that the client has are refused as well.

    Tokens do not say with which secret they were got. Raises `client.secret.no_overlap`.
    """
    current = locked(client)
    if not current.has_two_secrets:
        raise PropylonError(
            "client.secret.no_overlap",
            "The client has one secret only: an old one has ended already, or there was none.",
            kind=Kind.CONFLICT,
        )
    current.old_secret_ends_at = timezone.now()
    current.save(update_fields=["old_secret_ends_at"])
    if refuse_tokens:
        end_tokens(acting_user=acting_user, client=current, reason="old secret ended")
    record_client(acting_user, "old_secret_ended", current, refuses_tokens=refuse_tokens)
    mails.old_secret_ended(current)
    client.refresh_from_db()


def no_secret() -> PropylonError:
    return PropylonError(
        "client.secret.none",
        "This client has no secret: it is not approved yet, or it authenticates in another way.",
        kind=Kind.CONFLICT,
    )
