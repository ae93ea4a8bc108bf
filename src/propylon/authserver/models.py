"""What the authorization server stores: signing keys, grants, codes, refresh tokens, authorization requests."""

from __future__ import annotations

from django.db import models

from propylon.applications.models import Client


class SigningKey(models.Model):
    """An ES256 key. In JWKS while `retired_at` is empty or its tokens still live; the newest activated one signs."""

    kid = models.CharField(max_length=64, unique=True)
    public_jwk = models.JSONField()
    private_sealed = models.TextField()  # JWK text; purpose "signing-key"
    activated_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.kid


class Grant(models.Model):
    """What a customer consented to, for one client. `generation` goes into its tokens; withdrawal ends it."""

    public_id = models.CharField(max_length=40, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="grants")
    subject = models.CharField(max_length=64, db_index=True)  # the bank's own
    told_subject = models.CharField(max_length=160, blank=True, default="")  # what tokens say instead, if pairwise
    scope = models.CharField(max_length=1000, blank=True)  # empty: only details were asked for
    authorization_details = models.JSONField(default=list, blank=True)  # as granted, with the accounts chosen
    accounts = models.JSONField(default=dict, blank=True)  # scope: ids of the accounts that it covers; none named: all
    acr = models.CharField(max_length=120, blank=True, default="")  # oauth.acr: how the customer signed in
    amr = models.JSONField(default=list, blank=True)
    signed_in_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    made_by = models.CharField(max_length=10, blank=True, default="")  # password, implicit: see oauth.policy

    def __str__(self) -> str:
        return self.public_id


class AuthorizationCode(models.Model):
    """Single use, at most 60 seconds. Kept after use so that a second use can end the grant."""

    digest = models.CharField(max_length=64, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="codes")
    redirect_uri = models.CharField(max_length=2000)
    scope = models.CharField(max_length=1000, blank=True)
    nonce = models.CharField(max_length=255, blank=True)
    code_challenge = models.CharField(max_length=128)
    authenticated_at = models.DateTimeField()
    acr = models.CharField(max_length=120, blank=True, default="")  # how, if it was not for the grant (prompt=none)
    amr = models.JSONField(default=list, blank=True)
    key = models.CharField(max_length=43, blank=True, default="")  # thumbprint of the DPoP key it must be redeemed with
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"code of {self.grant}"


class RefreshToken(models.Model):
    """Bound to client authentication; for public clients rotated, and bound to their DPoP key if they had one."""

    digest = models.CharField(max_length=64, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="refresh_tokens")
    scope = models.CharField(max_length=1000, blank=True)
    key = models.CharField(max_length=43, blank=True, default="")  # thumbprint
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"refresh token of {self.grant}"


class CustomerSession(models.Model):
    """A customer who looks at their own consents: see `authserver.customer_session`."""

    digest = models.CharField(max_length=64, unique=True)  # of the cookie
    environment = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject} in {self.environment}"


class LoginSession(models.Model):
    """A customer who has logged in for an application: see `authserver.login_session`."""

    public_id = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64, unique=True)  # of the cookie; another after each login and second step
    environment = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    acr = models.CharField(max_length=120)
    amr = models.JSONField(default=list, blank=True)
    password_digest = models.CharField(max_length=64)  # of the customer's stored hash: a new password ends it
    browser = models.CharField(max_length=200, blank=True)  # what it called itself; for the customer to read
    address = models.CharField(max_length=45, blank=True)
    begun_at = models.DateTimeField()  # when the customer logged in: `auth_time`
    used_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = (models.Index(fields=["environment", "subject"], name="logins_of_customer"),)

    def __str__(self) -> str:
        return f"{self.subject} in {self.environment}"


class Attempts(models.Model):
    """How often something was tried that is bounded; forgotten at `window_ends_at`. See `authserver.attempts`."""

    digest = models.CharField(max_length=64, unique=True)  # of what is counted and for whom
    count = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} attempts"


class LogoutAddress(models.Model):
    """A `post_logout_redirect_uri` that a client has registered (OpenID Connect RP-Initiated Logout, 3.1)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="logout_addresses")
    uri = models.CharField(max_length=2000)

    def __str__(self) -> str:
        return self.uri


class KnownPlace(models.Model):
    """A browser that a customer has logged in with, in a network: see `authserver.known_devices`."""

    environment = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    device = models.CharField(max_length=64)  # digest of the cookie, with the environment
    network = models.CharField(max_length=50, blank=True)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["environment", "subject", "device", "network"], name="known_place"),
        )

    def __str__(self) -> str:
        return f"{self.subject} in {self.network}"


class PairwiseClient(models.Model):
    """A client that knows customers by the names of its sector alone: see `authserver.pairwise`."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="pairwise")
    sector = models.CharField(max_length=253)  # a host name
    is_named = models.BooleanField(default=False)  # by the bank; else it is the redirect URIs', while they are there

    def __str__(self) -> str:
        return f"{self.client} in {self.sector}"


class UsedProof(models.Model):
    """A DPoP proof or client assertion that was accepted: all web processes refuse the same again."""

    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest[:8]


class AuthorizationRequest(models.Model):
    """A checked request. Two kinds, both found by the digest of their reference:

    a pushed one (RFC 9126), whose reference is the end of its `request_uri`; and an opened one, which a customer sees
    as login and consent pages. Opening a pushed one makes an opened one beside it, so that looking burns nothing;
    consent or denial finishes both.
    """

    reference_digest = models.CharField(max_length=64, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    parameters = models.JSONField()  # oauth.authorization_request.CheckedRequest
    is_pushed = models.BooleanField(default=False)
    opened_from = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="openings")
    browser_digest = models.CharField(max_length=64, blank=True)  # of the cookie of the browser that opened it
    subject = models.CharField(max_length=64, blank=True)  # set by login
    authenticated_at = models.DateTimeField(null=True, blank=True)
    acr = models.CharField(max_length=120, blank=True, default="")  # of that login; grows with a second step
    amr = models.JSONField(default=list, blank=True)
    step_digest = models.CharField(max_length=64, blank=True, default="")  # of the code that the second step asks for
    step_failures = models.PositiveIntegerField(default=0)
    is_unusual = models.BooleanField(default=False)  # customers.login_risk: the login asks for a second step
    device = models.CharField(max_length=64, blank=True, default="")  # where that login was: digest of the cookie
    network = models.CharField(max_length=50, blank=True, default="")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"request of {self.client}"


class BackchannelRequest(models.Model):
    """A request that a customer be asked elsewhere (CIBA); its answer is the approver's to know, by `approval`."""

    digest = models.CharField(max_length=64, unique=True)  # of the auth_req_id
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=64)
    scope = models.CharField(max_length=1000)
    approval = models.CharField(max_length=80)  # reference of customers.approvals
    interval = models.PositiveIntegerField()  # seconds between two questions of the client; grows
    polled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"question of {self.client}"
