"""The gateway model: all that the compiler knows of the world. Built by `controlplane.selectors`, never by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Listeners:
    """Where the gateway listens, and what it is called from outside."""

    address: str  # "127.0.0.1"
    public_port: int
    mutual_port: int
    public_url: str  # also the issuer, unless there is one of its own
    mutual_url: str
    issuer_url: str = ""  # the authorization server's own hosts; "": those above
    issuer_mutual_url: str = ""
    http3: bool = False  # also QUIC on the public port; Envoy can ask for no client certificate there

    @property
    def issuer(self) -> str:
        return self.issuer_url or self.public_url

    @property
    def issuer_mutual(self) -> str:
        return self.issuer_mutual_url or self.mutual_url


@dataclass(frozen=True, slots=True)
class Sockets:
    """The local sockets that the gateway talks to."""

    web: str


@dataclass(frozen=True, slots=True)
class Environment:
    name: str
    path_prefix: str  # "/sandbox"; "" on hosts of its own
    audience: str  # its public URL, with the prefix; the `aud` of its tokens
    hosts: tuple[str, ...] = ()  # names of its own, sorted; (): it shares the portal's
    demands_nonces: bool = False  # in DPoP proofs (RFC 9449, 9)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Each address: `unix:/path`, `http://host:port` or `https://host:port`; calls are spread over them in turn."""

    name: str
    address: str
    further_addresses: tuple[str, ...] = ()  # of the same scheme
    timeout_ms: int = 15_000
    ca_pem: str = ""
    sends_client_certificate: bool = False
    health_path: str = ""  # asked every few seconds: 200 is well; "": judged by its answers to calls alone
    max_parallel_calls: int = 4096  # per gateway node; more are refused at once

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.address, *self.further_addresses)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must say beside its scopes: one of the values of each; an empty rule asks for nothing."""

    psd2_roles: tuple[str, ...] = ()  # "PSP_AI": of the certificate that the token is bound to (ETSI TS 119 495)
    plans: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()  # how the customer was authenticated (RFC 9470)
    max_age: int = 0  # seconds since the customer was authenticated; 0: any time ago
    is_bound: bool = False  # to a certificate (RFC 8705) or a key (RFC 9449)


@dataclass(frozen=True, slots=True)
class Operation:
    operation_id: str
    method: str  # upper case
    path_template: str  # "/accounts/{id}", below the publication's base path
    scopes: tuple[str, ...]  # all are needed
    is_public: bool = False
    requires_certificate: bool = False
    rules: TokenRules = TokenRules()
    streams: str = ""  # "answer": it may take as long as it wants; "websocket"; "": it is whole within the timeout


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """When a version is deprecated and when its service ends, in seconds since 1970; None: not said.

    `documentation` tells more about both; `successor` is what to use instead. Both are URI references.
    """

    deprecated_at: int | None = None
    sunset_at: int | None = None
    documentation: str = ""
    successor: str = ""
    is_ended: bool = False  # calls are refused with gateway.version.sunset


@dataclass(frozen=True, slots=True)
class Bounds:
    """A product's own; 0 where it has none and the usual one holds (gateway.bounds)."""

    body_bytes: int = 0  # of a request
    answer_bytes: int = 0
    timeout_ms: int = 0


@dataclass(frozen=True, slots=True)
class Publication:
    """One product version in one environment."""

    environment: str
    product: str
    version: str
    base_path: str  # environment prefix + mount path: "/sandbox/accounts/v1"; "/accounts/v1" on hosts of its own
    upstream: str  # Upstream.name
    upstream_prefix: str  # replaces base_path towards the upstream; "" means the operation's path alone
    error_format: str  # standard | tpp | problem
    operations: tuple[Operation, ...]
    lifecycle: Lifecycle = Lifecycle()
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class Plan:
    name: str
    requests_per_second: int
    burst: int
    exact_quota: str = ""  # "": none; else what holds while nobody can count (catalog.quotas): serve | refuse


@dataclass(frozen=True, slots=True)
class Traces:
    """Where the spans of traced calls are sent to, as OTLP over HTTP, and how many per cent of all calls are traced."""

    url: str  # "http://collector:4318/v1/traces"
    percent: float
    ca_pem: str = ""  # for https


@dataclass(frozen=True, slots=True)
class Trust:
    """What the mutual listener verifies client certificates against. Every CA that issues leaves has a CRL."""

    ca_pem: str
    crl_pem: str


@dataclass(frozen=True, slots=True)
class GatewayModel:
    listeners: Listeners
    sockets: Sockets
    environments: tuple[Environment, ...]
    publications: tuple[Publication, ...]
    upstreams: tuple[Upstream, ...]
    plans: tuple[Plan, ...]
    trust: Trust
    jwks: Mapping[str, object] = field(default_factory=lambda: {"keys": []})  # public keys, RFC 7517
    max_url_length: int = 2048  # FEATURES G3
    max_body_bytes: int = 10 * 1024 * 1024
    traces: Traces | None = None  # None: nobody collects them
    authorization_aliases: tuple[str, ...] = ()  # further paths of the authorization server, each for itself
    nonce_key: str = field(default="", repr=False)  # of the nonces in DPoP proofs, in hexadecimal digits
