"""What an application of each type may do (SEI's table as data): type and security profile → policy.

Profiles: `fapi2` (FAPI 2.0 Security Profile), `standard` (code + PKCE), and `legacy`: what RFC 9700 forbids and some
old applications need. Nobody is registered with it; an operator allows it for one client of the profile `standard`
until a day. Listeners: `any` means that the token endpoint of both listeners may be used, `mutual` only the one that
asks for a client certificate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from propylon.kernel.errors import FieldError, Kind, PropylonError

CLIENT_CREDENTIALS = "client_credentials"
AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105  (a grant type, no password)
CIBA = "urn:openid:params:grant-type:ciba"  # OpenID Connect CIBA Core 1.0, 4
PASSWORD = "password"  # noqa: S105  (a grant type)
IMPLICIT = "implicit"
LEGACY_GRANTS = frozenset({PASSWORD, IMPLICIT})  # by the profile `legacy` only; no metadata claims them

CODE_TYPES = ("code",)
IMPLICIT_TYPES = ("token", "id_token", "id_token token")  # words sorted: their order says nothing

TLS_CLIENT_AUTH = "tls_client_auth"
CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105  (a method's name)
CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105  (a method's name)
PRIVATE_KEY_JWT = "private_key_jwt"
NONE = "none"

LEGACY, STANDARD = "legacy", "standard"
PROFILES = ("fapi2", STANDARD, LEGACY)


class Listener(Enum):
    ANY = "any"
    MUTUAL = "mutual"


class Certificate(Enum):
    """Whether a client has an identity certificate; where it is optional it binds the tokens if it is shown."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class RedirectRule(Enum):
    """Which redirect URIs may be registered: see `propylon.oauth.redirect_uris`."""

    NONE = "none"  # the type has no redirect URI
    HTTPS = "https"  # https only (FAPI 2.0, 5.3.2.2)
    WEB = "web"  # https, or http on the developer's own machine
    NATIVE = "native"  # https, http on a loopback address with any port, or a private-use scheme (RFC 8252)


@dataclass(frozen=True, slots=True)
class ProfilePolicy:
    """What a client of one type under one profile may do, and what it must have."""

    grants: frozenset[str]
    auth_methods: tuple[str, ...]  # the first is the default
    listener: Listener  # where it may ask for tokens
    redirect_rule: RedirectRule
    certificate: Certificate
    needs_service_account: bool  # the CN of its certificate
    takes_source_ranges: bool
    requires_pkce: bool  # always S256; `plain` exists nowhere
    requires_par: bool
    rotates_refresh_tokens: bool
    binds_tokens: bool  # to a certificate or to a key (FAPI 2.0, 5.3.2.1-4)
    response_types: tuple[str, ...] = ()  # what it may ask the authorization endpoint for
    is_legacy: bool = False
    grants_on_request: frozenset[str] = frozenset()  # which a client has only if it was allowed them
    asks_by_fapi_ciba: bool = False  # customers are asked by signed requests with a binding message (FAPI-CIBA, 5.2.2)

    @property
    def default_auth_method(self) -> str:
        return self.auth_methods[0]

    @property
    def is_public(self) -> bool:
        """A public client (RFC 6749, 2.1) has nothing to authenticate with."""
        return self.auth_methods == (NONE,)

    @property
    def has_secret(self) -> bool:
        return CLIENT_SECRET_BASIC in self.auth_methods or CLIENT_SECRET_POST in self.auth_methods

    def allowing(self, grants: Collection[str]) -> ProfilePolicy:
        """What holds for a client that was allowed these besides; what its type cannot have counts for nothing."""
        return replace(self, grants=self.grants | self.grants_on_request.intersection(grants))

    def by(self, auth_method: str) -> ProfilePolicy:
        """What holds for a client that authenticates so and in no other way.

        Who signs with a key needs no certificate for it, and binds its tokens by DPoP if it shows none.
        """
        if auth_method not in self.auth_methods:
            return self
        found = replace(self, auth_methods=(auth_method,))
        if auth_method != PRIVATE_KEY_JWT:
            return found
        return replace(found, listener=Listener.ANY, certificate=Certificate.OPTIONAL, needs_service_account=False)


@dataclass(frozen=True, slots=True)
class TypePolicy:
    """An application type: what developers read about it, its profiles and the one it gets if nobody says.

    `legacy` is what an operator may allow a client of the profile `standard`; None: nothing.
    """

    name: str
    title: str
    default_profile: str
    profiles: Mapping[str, ProfilePolicy]
    is_of_the_bank: bool = False  # for the bank's own organizations only
    legacy: ProfilePolicy | None = None

    @property
    def default_auth_method(self) -> str:
        return self.profiles[self.default_profile].default_auth_method


_CODE = frozenset({AUTHORIZATION_CODE, REFRESH_TOKEN})
_SECRETS = (CLIENT_SECRET_BASIC, CLIENT_SECRET_POST)

_SERVICE = ProfilePolicy(
    grants=frozenset({CLIENT_CREDENTIALS}),
    auth_methods=(TLS_CLIENT_AUTH,),
    listener=Listener.MUTUAL,
    redirect_rule=RedirectRule.NONE,
    certificate=Certificate.REQUIRED,
    needs_service_account=True,
    takes_source_ranges=True,
    requires_pkce=False,
    requires_par=False,
    rotates_refresh_tokens=False,
    binds_tokens=True,
)
_FAPI2_CODE = ProfilePolicy(
    grants=_CODE,
    auth_methods=(TLS_CLIENT_AUTH, PRIVATE_KEY_JWT),
    listener=Listener.MUTUAL,
    redirect_rule=RedirectRule.HTTPS,
    certificate=Certificate.REQUIRED,
    needs_service_account=True,
    takes_source_ranges=True,
    requires_pkce=True,
    requires_par=True,
    rotates_refresh_tokens=False,
    binds_tokens=True,
    response_types=CODE_TYPES,
    grants_on_request=frozenset({CIBA}),
    asks_by_fapi_ciba=True,
)
_CONFIDENTIAL_CODE = ProfilePolicy(
    grants=_CODE,
    auth_methods=(*_SECRETS, PRIVATE_KEY_JWT),
    listener=Listener.ANY,
    redirect_rule=RedirectRule.WEB,
    certificate=Certificate.OPTIONAL,
    needs_service_account=False,
    takes_source_ranges=True,
    requires_pkce=True,
    requires_par=False,
    rotates_refresh_tokens=False,
    binds_tokens=False,
    response_types=CODE_TYPES,
    grants_on_request=frozenset({CIBA}),
)
_PUBLIC_WEB = ProfilePolicy(
    grants=_CODE,
    auth_methods=(NONE,),
    listener=Listener.ANY,
    redirect_rule=RedirectRule.WEB,
    certificate=Certificate.NONE,
    needs_service_account=False,
    takes_source_ranges=False,
    requires_pkce=True,
    requires_par=False,
    rotates_refresh_tokens=True,
    binds_tokens=False,
    response_types=CODE_TYPES,
)
_LEGACY_WEB = replace(_CONFIDENTIAL_CODE, requires_pkce=False, is_legacy=True)
_LEGACY_INTERNAL = replace(_CONFIDENTIAL_CODE, grants=_CODE | {PASSWORD}, is_legacy=True)
_LEGACY_SPA = replace(
    _PUBLIC_WEB, grants=_CODE | {IMPLICIT}, response_types=(*CODE_TYPES, *IMPLICIT_TYPES), is_legacy=True
)
_PUBLIC_NATIVE = replace(_PUBLIC_WEB, redirect_rule=RedirectRule.NATIVE)

TYPES: Mapping[str, TypePolicy] = MappingProxyType(
    {
        policy.name: policy
        for policy in (
            TypePolicy("server", "Server to server", "standard", {"fapi2": _SERVICE, "standard": _SERVICE}),
            TypePolicy(
                "web",
                "Web application",
                "standard",
                {"fapi2": _FAPI2_CODE, "standard": _CONFIDENTIAL_CODE},
                legacy=_LEGACY_WEB,
            ),
            TypePolicy(
                "internal",
                "Internal application of the bank",
                "standard",
                {"fapi2": _FAPI2_CODE, "standard": _CONFIDENTIAL_CODE},
                is_of_the_bank=True,
                legacy=_LEGACY_INTERNAL,
            ),
            TypePolicy("spa", "Single-page application", "standard", {"standard": _PUBLIC_WEB}, legacy=_LEGACY_SPA),
            TypePolicy("native", "Mobile or desktop application", "standard", {"standard": _PUBLIC_NATIVE}),
        )
    }
)


def policy_for(type_: str, profile: str = "") -> ProfilePolicy:
    """The policy of a type under a profile ("": the type's default); refuses what the table does not have."""
    found = TYPES.get(type_)
    if found is None:
        raise _refusal("oauth.type.unknown", "type", f"one of {', '.join(TYPES)}")
    policy = found.profiles.get(profile or found.default_profile)
    if policy is None:
        allowed = " or ".join(found.profiles)
        raise _refusal("oauth.profile.not_allowed", "security_profile", f"for type {type_}: {allowed}")
    return policy


def legacy_policy(type_: str, profile: str) -> ProfilePolicy | None:
    """What an operator may allow a client of this type and profile; None: nothing, and never under `fapi2`."""
    return TYPES[type_].legacy if profile == STANDARD else None


def _refusal(code: str, field: str, allowed: str) -> PropylonError:
    return PropylonError(
        code,
        f"Choose another {field}: {allowed}.",
        kind=Kind.MALFORMED,
        errors=[FieldError(field, "body", allowed)],
    )
