"""The profile `legacy` in words: what it allows an application of a type, why that is weaker, what to build instead."""

from __future__ import annotations

from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_ALLOWS: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        "web": _("Authorization code without PKCE."),
        "internal": _("The password grant: the application asks for the customer's password itself."),
        "spa": _("The implicit flow: tokens come back in the browser's address."),
    }
)
_ADVICE: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        "web": _("A stolen code can be used by others. Add PKCE with S256; then nothing else changes."),
        "internal": _(
            "Whoever reads the application's memory or logs has the passwords of customers. "
            "Send them to the authorization endpoint instead: authorization code with PKCE."
        ),
        "spa": _(
            "Tokens stay in histories and logs, and nothing binds them. "
            "Use the authorization code with PKCE, which works from the browser alone."
        ),
    }
)


def legacy_allows(type_name: str) -> str:
    return str(_ALLOWS.get(type_name, ""))


def legacy_advice(type_name: str) -> str:
    return str(_ADVICE.get(type_name, ""))
