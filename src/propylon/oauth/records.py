"""What the engine must know of clients, grants, codes and refresh tokens; loaded by whoever calls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Network, IPv6Network

from propylon.oauth.acr import SignIn
from propylon.oauth.authorization_details import Detail, DetailType
from propylon.oauth.certificate_names import NO_NAME, CertificateName
from propylon.oauth.client_keys import ClientKey
from propylon.oauth.policy import ProfilePolicy

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class OldSecret:
    """The secret before the present one. While it lasts, both are good; its end needs nobody to act."""

    digest: str  # SHA-256, hex
    ends_at: int  # epoch seconds; refused from then on


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """An OAuth client: an application in one environment."""

    client_id: str
    generation: int
    application: str  # public id
    application_name: str
    organization: str  # public id
    organization_name: str
    environment: str  # name
    audience: str  # the environment's: public URL + path prefix
    policy: ProfilePolicy
    auth_method: str
    secret_digest: str  # SHA-256, hex; "" if it has none
    redirect_uris: tuple[str, ...]
    binds_tokens: bool
    plan: str
    service_account: str  # the CN of its certificate; "" if it has none
    source_ranges: tuple[Network, ...]  # empty: from anywhere
    scopes: frozenset[str]  # of the products that it is subscribed to
    certificates: Mapping[str, int]  # fingerprint of each that is not revoked → its end, epoch seconds
    is_active: bool
    old_secret: OldSecret | None = None
    keys: tuple[ClientKey, ...] = ()  # public ones, that what it signs is verified with
    certificate_name: CertificateName = NO_NAME  # that its certificate must have (RFC 8705, 2.1.2); else the CN counts
    key_address: str = ""  # `jwks_uri`: where `keys` were fetched; "": they are registered by value
    requires_signed_requests: bool = False
    detail_types: Mapping[str, DetailType] = field(default_factory=dict)  # by name: what it may ask for (RFC 9396)
    legacy_ends_at: int = 0  # epoch seconds; what `policy` allows only until then, if it is a legacy one
    demands_nonces: bool = False  # in DPoP proofs (RFC 9449, 8): its environment's rule
    psd2_roles: Mapping[str, Sequence[str]] = field(default_factory=dict)  # fingerprint → "PSP_AI"…, where it gives any


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """What a customer consented to."""

    grant_id: str
    client_id: str
    subject: str
    generation: int
    expires_at: int
    is_revoked: bool
    details: tuple[Detail, ...] = ()  # RFC 9396, with the accounts that the customer chose
    accounts: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by scope; one that is not named covers all
    made_by: str = ""  # password or implicit, if it was so: the client must still be allowed that
    sign_in: SignIn | None = None  # how the customer signed in when they consented; None: nobody did
    signed_in_at: int = 0  # epoch seconds


@dataclass(frozen=True, slots=True)
class CodeRecord:
    grant: GrantRecord
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    authenticated_at: int  # when the customer logged in
    expires_at: int
    is_used: bool
    key: str = ""  # thumbprint of the key that its redemption must prove (RFC 9449, 10); "": any or none


class Approval(Enum):
    """Where the question to the customer stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    DENIED = "denied"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class BackchannelRecord:
    """A request of CIBA that waits for its customer; `grant` is the one that a yes makes."""

    grant: GrantRecord
    scope: str
    approval: Approval
    authenticated_at: int  # when the customer logged in to approve; 0 while nobody did
    expires_at: int
    is_used: bool
    interval: int  # seconds between two questions of the client
    polled_at: int  # when it asked last; 0: never
    nonce: str = ""  # a request of CIBA has none
    key: str = ""  # it is bound to the client, to no key


@dataclass(frozen=True, slots=True)
class RefreshRecord:
    grant: GrantRecord
    scope: str
    expires_at: int
    is_rotated: bool
    is_revoked: bool
    key: str = ""  # thumbprint of the key that it is bound to (RFC 9449, 5); "": to none
