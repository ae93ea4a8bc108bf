"""What the management API takes and says of products, environments, upstreams and plans."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from ninja import Field, Schema
from pydantic import AwareDatetime

from propylon.audit.paging import Paging
from propylon.catalog.addresses import address_of, base_path, version_urls
from propylon.catalog.models import Environment, Operation, Plan, Product, ProductVersion, Publication, Upstream
from propylon.catalog.quotas import Quota, quota_of

_NONCES = "DPoP proofs for its clients must carry a nonce of ours (RFC 9449 sections 8 and 9)."


class EnvironmentIn(Schema):
    name: str = Field(max_length=40)
    title: str = Field(max_length=80)
    path_prefix: str = Field("", max_length=40, description="'/' and the name unless given.")
    approves_by_itself: bool = False
    position: int = Field(0, ge=0, le=10_000)
    demands_nonces: bool = Field(False, description=_NONCES)


class EnvironmentChange(Schema):
    """What is left out, or null, stays as it is."""

    title: str | None = Field(None, max_length=80)
    path_prefix: str | None = Field(
        None, max_length=40, description="Only while no application is there: its tokens' audience carries it."
    )
    approves_by_itself: bool | None = None
    position: int | None = Field(None, ge=0, le=10_000)
    demands_nonces: bool | None = Field(None, description=_NONCES)


class EnvironmentOut(Schema):
    name: str
    title: str
    approves_by_itself: bool
    demands_nonces: bool = Field(description=_NONCES)
    public_url: str
    mutual_url: str
    audience: str = Field(description="`aud` of its tokens.")


class EnvironmentPage(Schema):
    data: list[EnvironmentOut]
    paging: Paging


class UpstreamIn(Schema):
    name: str = Field(max_length=60)
    address: str = Field(max_length=300, description="unix:/path, http://host:port or https://host:port")
    timeout_ms: int = Field(15_000, ge=1, le=600_000)
    ca_pem: str = Field("", max_length=100_000, description="For https; empty: the system's trust.")
    sends_client_certificate: bool = False
    further_addresses: list[str] = Field([], max_length=32, description="Of the same scheme; calls go to all in turn.")
    health_path: str = Field(
        "", max_length=200, description="Asked every five seconds; 200 is well. Empty: nobody asks."
    )
    max_parallel_calls: int = Field(
        4096, ge=1, le=1_000_000, description="Per gateway node; more are answered with 503."
    )


class UpstreamChange(Schema):
    """What is left out, or null, stays as it is."""

    address: str | None = Field(None, max_length=300)
    timeout_ms: int | None = Field(None, ge=1, le=600_000)
    ca_pem: str | None = Field(None, max_length=100_000)
    sends_client_certificate: bool | None = None
    further_addresses: list[str] | None = Field(None, max_length=32)
    health_path: str | None = Field(None, max_length=200)
    max_parallel_calls: int | None = Field(None, ge=1, le=1_000_000)


class UpstreamOut(UpstreamIn):
    pass


class UpstreamPage(Schema):
    data: list[UpstreamOut]
    paging: Paging


class QuotaIn(Schema):
    """Calls per client, by the calendar in UTC. A limit that is null is unlimited, 0 allows no call."""

    kind: str = Field("", description="metered (native, may pass the limit by a second's calls), exact, or empty.")
    calls_per_day: int | None = Field(None, ge=0)
    calls_per_month: int | None = Field(None, ge=0)
    outage: str = Field(
        "serve",
        description="An exact quota's calls while the control plane is away: serve, and count later, or refuse.",
    )

    def quota(self) -> Quota:
        return Quota(**self.model_dump())


class PlanIn(Schema):
    name: str = Field(max_length=40)
    title: str = Field(max_length=80)
    requests_per_second: int = Field(ge=1, le=1_000_000)
    burst: int = Field(ge=1, le=10_000_000)
    quota: QuotaIn | None = Field(None, description="None: only the rate is limited.")
    is_default: bool = False


class PlanChange(Schema):
    """What is left out, or null, stays as it is."""

    title: str | None = Field(None, max_length=80)
    requests_per_second: int | None = Field(None, ge=1, le=1_000_000)
    burst: int | None = Field(None, ge=1, le=10_000_000)
    quota: QuotaIn | None = Field(None, description="Given as a whole; with an empty kind it is taken away.")
    is_default: bool | None = Field(None, description="True: new applications get it, instead of the one before.")


class PlanOut(PlanIn):
    pass


class PlanPage(Schema):
    data: list[PlanOut]
    paging: Paging


class ImportIn(Schema):
    document: str = Field(description="OpenAPI 3.0 or 3.1 or Swagger 2.0 as YAML or JSON text.")
    name: str = Field("", max_length=60, description="The product's; made from the title unless given.")
    title: str = Field("", max_length=120)
    version: str = Field("", max_length=20, description="From the document unless given.")
    scope: str = Field(
        "", max_length=80, description="For operations that ask for none; the product's name unless given."
    )


class ScopeOut(Schema):
    name: str
    title: str
    risk: str = Field(description="low, normal, or high: customers need a second step at their login to consent.")


class PublicationOut(Schema):
    environment: str
    base_path: str
    public_url: str
    mutual_url: str


class LifecycleIn(Schema):
    """All of it: what is left out is taken back."""

    deprecated_at: AwareDatetime | None = Field(None, description="Sent as `Deprecation` (RFC 9745); may lie ahead.")
    sunset_at: AwareDatetime | None = Field(None, description="Sent as `Sunset` (RFC 8594).")
    successor: str = Field("", max_length=20, description="The version to use instead, such as v2.")
    link: str = Field("", max_length=300, description="What to do; unless given, the portal's page of versions.")
    ends_at_sunset: bool = Field(False, description="Calls are refused with 410 from then on. False: still served.")


class LifecycleOut(Schema):
    state: str = Field(description="current, announced, deprecated, past_sunset (still served) or ended")
    deprecated_at: datetime | None
    sunset_at: datetime | None
    successor: str
    link: str
    ends_at_sunset: bool
    ended_at: datetime | None = Field(description="Since when calls are refused.")


class VersionOut(Schema):
    version: str
    created_at: datetime
    lifecycle: LifecycleOut
    publications: list[PublicationOut]


class ProductOut(Schema):
    name: str
    title: str
    description: str
    summary: str
    is_visible: bool
    is_featured: bool
    is_psd2_only: bool
    geography: str
    max_body_bytes: int = Field(description="0: the installation's bound.")
    max_answer_bytes: int = Field(description="0: no bound.")
    timeout_ms: int = Field(description="0: the upstream's.")
    requires_binding: bool
    default_scope: str
    scopes: list[ScopeOut]
    versions: list[VersionOut]


class ProductPage(Schema):
    data: list[ProductOut]
    paging: Paging


class ProductChange(Schema):
    is_visible: bool | None = None
    is_featured: bool | None = Field(None, description="Shown on the portal's home.")
    is_psd2_only: bool | None = Field(None, description="For licensed third parties only.")
    geography: str | None = Field(None, max_length=120, description="Where it may be used: 'Sweden, Finland'.")
    max_body_bytes: int | None = Field(None, ge=0, description="Of a request; 0: the installation's bound.")
    max_answer_bytes: int | None = Field(None, ge=0, description="More is refused with 502; 0: no bound.")
    timeout_ms: int | None = Field(None, ge=0, description="Until an answer is whole; 0: the upstream's.")
    requires_binding: bool | None = Field(
        None, description="Tokens must be bound to a certificate (RFC 8705) or a key (RFC 9449), for all operations."
    )


class OperationOut(Schema):
    operation_id: str
    method: str
    path: str
    summary: str
    tag: str
    is_deprecated: bool
    scopes: list[str]
    is_public: bool
    requires_certificate: bool
    plans: list[str]
    psd2_roles: list[str]
    acr_values: list[str]
    max_age: int
    requires_binding: bool
    streams: str


class OperationPage(Schema):
    data: list[OperationOut]
    paging: Paging


class OperationChange(Schema):
    is_public: bool = False
    requires_certificate: bool = False
    plans: list[str] | None = Field(None, description="Only applications with one of these plans; empty: all.")
    psd2_roles: list[str] | None = Field(
        None, description="Only tokens bound to a certificate with one of these roles (PSP_AI …); empty: any."
    )
    acr_values: list[str] | None = Field(
        None, description="Only after the customer was authenticated in one of these ways (RFC 9470); empty: any."
    )
    max_age: int | None = Field(
        None, description="Only within so many seconds after the customer signed in (RFC 9470); 0: any time after."
    )
    requires_binding: bool | None = Field(None, description="The token must be bound to a certificate or a key.")
    streams: str | None = Field(
        None, description="answer: it may take as long as it wants; websocket: the connection is handed on; or empty."
    )


class PublishIn(Schema):
    environment: str = Field(max_length=40)
    upstream: str = Field("sandbox", max_length=60)
    upstream_prefix: str = Field("", max_length=200, description="Empty with the upstream 'sandbox': mock answers.")


def environment_out(row: Environment) -> EnvironmentOut:
    address = address_of(row)
    return EnvironmentOut(
        name=row.name,
        title=row.title,
        approves_by_itself=row.approves_by_itself,
        demands_nonces=row.demands_nonces,
        public_url=address.public_url,
        mutual_url=address.mutual_url,
        audience=address.public_url,
    )


def upstream_out(row: Upstream) -> UpstreamOut:
    return UpstreamOut(
        name=row.name,
        address=row.address,
        timeout_ms=row.timeout_ms,
        ca_pem=row.ca_pem,
        sends_client_certificate=row.sends_client_certificate,
        further_addresses=row.further_addresses,
        health_path=row.health_path,
        max_parallel_calls=row.max_parallel_calls,
    )


def plan_out(row: Plan) -> PlanOut:
    return PlanOut(
        name=row.name,
        title=row.title,
        requests_per_second=row.requests_per_second,
        burst=row.burst,
        quota=QuotaIn(**asdict(quota_of(row))) if row.quota_kind else None,
        is_default=row.is_default,
    )


def publication_out(row: Publication) -> PublicationOut:
    public_url, mutual_url = version_urls(row)
    return PublicationOut(
        environment=row.environment.name, base_path=base_path(row), public_url=public_url, mutual_url=mutual_url
    )


def version_out(row: ProductVersion) -> VersionOut:
    published = [publication_out(publication) for publication in row.publications.all()]
    return VersionOut(
        version=row.version, created_at=row.created_at, lifecycle=lifecycle_out(row), publications=published
    )


def lifecycle_out(row: ProductVersion) -> LifecycleOut:
    return LifecycleOut(
        state=row.state,
        deprecated_at=row.deprecated_at,
        sunset_at=row.sunset_at,
        successor=row.successor.version if row.successor else "",
        link=row.lifecycle_link,
        ends_at_sunset=row.ends_at_sunset,
        ended_at=row.ended_at,
    )


def product_out(row: Product) -> ProductOut:
    return ProductOut(
        name=row.name,
        title=row.title,
        description=row.description,
        summary=row.summary,
        is_visible=row.is_visible,
        is_featured=row.is_featured,
        is_psd2_only=row.is_psd2_only,
        geography=row.geography,
        max_body_bytes=row.max_body_bytes,
        max_answer_bytes=row.max_answer_bytes,
        timeout_ms=row.timeout_ms,
        requires_binding=row.requires_binding,
        default_scope=row.default_scope,
        scopes=[ScopeOut(name=scope.name, title=scope.title, risk=scope.risk) for scope in row.scopes.all()],
        versions=[version_out(version) for version in row.versions.all()],
    )


def operation_out(row: Operation) -> OperationOut:
    return OperationOut(
        operation_id=row.operation_id,
        method=row.method,
        path=row.path_template,
        summary=row.summary,
        tag=row.tag,
        is_deprecated=row.is_deprecated,
        scopes=row.scopes,
        is_public=row.is_public,
        requires_certificate=row.requires_certificate,
        plans=row.plans,
        psd2_roles=row.psd2_roles,
        acr_values=row.acr_values,
        max_age=row.max_age,
        requires_binding=row.requires_binding,
        streams=row.streams,
    )
