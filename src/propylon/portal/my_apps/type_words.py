"""What an application type means, in words made from the policy's own table: page and rule cannot drift apart."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.oauth.policy import (
    CLIENT_CREDENTIALS,
    CLIENT_SECRET_BASIC,
    CLIENT_SECRET_POST,
    NONE,
    PRIVATE_KEY_JWT,
    TLS_CLIENT_AUTH,
    TYPES,
    Certificate,
    ProfilePolicy,
    RedirectRule,
    TypePolicy,
)


@dataclass(frozen=True, slots=True)
class Story:
    """What no table holds: `purpose` says what the type is for, `place` where it runs."""

    purpose: str | Promise
    place: str | Promise
    icon: str


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class TypeCard:
    name: str
    title: str
    story: Story
    facts: tuple[Fact, ...]


STORIES = MappingProxyType(
    {
        "server": Story(
            gettext_lazy("Your systems call by themselves, with no person present: reports, reconciliation, payouts."),
            gettext_lazy("On your own servers. It keeps a private key."),
            "server",
        ),
        "web": Story(
            gettext_lazy("A website with a server behind it. The bank's customers sign in and let it see their data."),
            gettext_lazy("On your own servers, with pages in the customer's browser. The server keeps a secret."),
            "globe",
        ),
        "internal": Story(
            gettext_lazy("A tool of the bank's own staff, with a server behind it."),
            gettext_lazy("On the bank's servers. The server keeps a secret."),
            "landmark",
        ),
        "spa": Story(
            gettext_lazy("JavaScript in the browser that calls the API itself, without a server of yours between."),
            gettext_lazy("In the customer's browser, where everybody can read it. It cannot keep a secret."),
            "app-window",
        ),
        "native": Story(
            gettext_lazy("An app for telephone, tablet or desktop that the bank's customers install."),
            gettext_lazy("On the customer's device, where it can be taken apart. It cannot keep a secret."),
            "smartphone",
        ),
    }
)


def type_cards(*, of_the_bank: bool = True) -> list[TypeCard]:
    """`of_the_bank` says whether those for the bank's own organizations are among them."""
    return [type_card(policy) for policy in TYPES.values() if of_the_bank or not policy.is_of_the_bank]


def type_card(policy: TypePolicy) -> TypeCard:
    facts = policy_facts(policy.profiles[policy.default_profile])
    return TypeCard(policy.name, type_title(policy.name), STORIES[policy.name], facts)


def type_title(name: str) -> str:
    return {
        "server": _("Server to server"),
        "web": _("Web application"),
        "internal": _("Internal application of the bank"),
        "spa": _("Single-page application"),
        "native": _("Mobile or desktop application"),
    }.get(name, name)


def policy_facts(policy: ProfilePolicy) -> tuple[Fact, ...]:
    """Flow, authentication, mutual TLS, PKCE, token binding: each in one line."""
    return (
        Fact(_("Flow"), _flow(policy)),
        Fact(_("Authentication"), _authentication(policy)),
        Fact(_("Mutual TLS"), _mutual_tls(policy)),
        Fact(_("PKCE"), _pkce(policy)),
        Fact(_("Token binding"), _binding(policy)),
    )


def _flow(policy: ProfilePolicy) -> str:
    if CLIENT_CREDENTIALS in policy.grants:
        return _("Client credentials: the application asks for tokens as itself.")
    return _("Authorization code: the customer signs in and consents, then the application gets tokens.")


def _authentication(policy: ProfilePolicy) -> str:
    return {
        TLS_CLIENT_AUTH: _("By client certificate. There is no secret that could leak."),
        NONE: _("None: a public client has nothing that could be kept secret."),
    }.get(policy.default_auth_method, _("By client id and client secret."))


def _mutual_tls(policy: ProfilePolicy) -> str:
    return {
        Certificate.REQUIRED: _("Required, with the certificate of your service account."),
        Certificate.OPTIONAL: _("If you like: a certificate makes its tokens useless to others."),
        Certificate.NONE: _("No: a certificate on a customer's device would not be yours alone."),
    }[policy.certificate]


def _pkce(policy: ProfilePolicy) -> str:
    if policy.is_legacy and not policy.requires_pkce:
        return _("May be left out until the profile legacy ends. Add it (S256) now.")
    if not policy.requires_pkce:
        return _("Not needed: nothing passes through a browser.")
    return _("Required (S256), with pushed requests (PAR).") if policy.requires_par else _("Required (S256).")


def _binding(policy: ProfilePolicy) -> str:
    if policy.certificate is Certificate.REQUIRED:
        return _("Tokens work with your certificate only.")
    if policy.certificate is Certificate.OPTIONAL:
        return _("With a certificate, if you choose one; else whoever has a token can use it until it ends.")
    if policy.rotates_refresh_tokens:
        return _("None; so tokens are short-lived, and each refresh token works once.")
    return _("None; whoever has a token can use it until it ends.")


def method_words(method: str) -> str:
    """How a client authenticates, for a list of facts."""
    return {
        TLS_CLIENT_AUTH: _("Client certificate (mutual TLS)"),
        CLIENT_SECRET_BASIC: _("Client secret in the Authorization header (HTTP Basic)"),
        CLIENT_SECRET_POST: _("Client secret in the form body"),
        PRIVATE_KEY_JWT: _("Signed assertion (private_key_jwt): you keep the key, we have its public half"),
        NONE: _("None (public client, PKCE)"),
    }.get(method, method)


@dataclass(frozen=True, slots=True)
class SecurityChoice:
    """A profile with one of its methods of authentication; `value` is "profile:method"."""

    profile: str
    method: str
    policy: ProfilePolicy

    @property
    def value(self) -> str:
        return f"{self.profile}:{self.method}"

    @property
    def title(self) -> str:
        return {"fapi2": "FAPI 2.0"}.get(self.profile, _("Standard"))

    @property
    def note(self) -> str:
        return method_words(self.method)


def security_choices(type_name: str) -> list[SecurityChoice]:
    """The default first. A profile that differs from the default in its name only is left out."""
    type_policy = TYPES[type_name]
    default = type_policy.profiles[type_policy.default_profile]
    others = {name: each for name, each in type_policy.profiles.items() if each != default}
    return [
        SecurityChoice(name, method, policy.by(method))
        for name, policy in {type_policy.default_profile: default, **others}.items()
        for method in policy.auth_methods
    ]


def suggested_redirect_uris(type_name: str) -> list[str]:
    """What a developer tries first, on the own machine."""
    rule = TYPES[type_name].profiles[TYPES[type_name].default_profile].redirect_rule
    return {
        RedirectRule.NONE: [],
        RedirectRule.HTTPS: ["https://localhost/callback"],
        RedirectRule.WEB: ["https://localhost/callback"],
        RedirectRule.NATIVE: ["http://127.0.0.1/callback"],
    }[rule]
