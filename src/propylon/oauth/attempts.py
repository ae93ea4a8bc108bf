"""What the rules look at: one attempt to get a token, or to begin an authorization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from propylon.kernel.peer_certificate import PeerCertificate
from propylon.oauth.dpop import Proof
from propylon.oauth.records import BackchannelRecord, ClientRecord, CodeRecord, GrantRecord, RefreshRecord


@dataclass(frozen=True, slots=True)
class TokenAttempt:
    """A token request whose client is authenticated. `code`, `refresh` or `backchannel` is what the store has for the
    value sent; `proof` is the DPoP proof that came with it, which holds; `password_grant` what would be stored for the
    customer whose name and password were right."""

    client: ClientRecord
    grant_type: str
    form: Mapping[str, str]
    certificate: PeerCertificate | None
    listener: str  # public | mutual
    source_address: str
    now: int
    code: CodeRecord | None = None
    refresh: RefreshRecord | None = None
    proof: Proof | None = None
    password_grant: GrantRecord | None = None
    is_json: bool = False  # the parameters came as JSON, at an alias of the token endpoint
    backchannel: BackchannelRecord | None = None

    @property
    def record(self) -> CodeRecord | RefreshRecord | BackchannelRecord | None:
        """What the customer's consent came as, whichever it is."""
        return self.code or self.refresh or self.backchannel


@dataclass(frozen=True, slots=True)
class AuthorizationAttempt:
    """An authorization request; `is_pushed` says that it came by RFC 9126, `proof` what proof it came with then,
    `is_signed` that its parameters were in an object that the client signed (RFC 9101)."""

    client: ClientRecord
    parameters: Mapping[str, str]
    is_pushed: bool
    repeated: frozenset[str] = frozenset()  # names of parameters that came more than once
    proof: Proof | None = None
    is_signed: bool = False

    @property
    def response_type(self) -> str:
        """Its words sorted, because their order says nothing (OAuth 2.0 Multiple Response Types, 2)."""
        return " ".join(sorted(self.parameters.get("response_type", "").split(" ")))


@dataclass(frozen=True, slots=True)
class BackchannelAttempt:
    """A request that a customer be asked (CIBA); `is_signed`: its parameters were in an object that the client signed,
    `beside` are the names of those that stood outside of it."""

    client: ClientRecord
    parameters: Mapping[str, str]
    is_signed: bool = False
    beside: frozenset[str] = frozenset()
