"""What a call needs beside scopes and a certificate, and what bounds it, in words: as portal and console say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.catalog.models import Product

ROLES: Mapping[str, Promise] = MappingProxyType(
    {
        "PSP_AS": gettext_lazy("account servicing (PSP_AS)"),
        "PSP_PI": gettext_lazy("payment initiation (PSP_PI)"),
        "PSP_AI": gettext_lazy("account information (PSP_AI)"),
        "PSP_IC": gettext_lazy("card-based payment instruments (PSP_IC)"),
    }
)


class Ruled(Protocol):
    """An operation, or what a page shows of it."""

    @property
    def is_public(self) -> bool: ...
    @property
    def requires_binding(self) -> bool: ...
    @property
    def plans(self) -> Sequence[str]: ...
    @property
    def psd2_roles(self) -> Sequence[str]: ...
    @property
    def acr_values(self) -> Sequence[str]: ...
    @property
    def max_age(self) -> int: ...


def needs_in_words(operation: Ruled, product: Product) -> list[tuple[str, str]]:
    """Title and sentence of each, in the page's language; none for what is as usual."""
    return [*(() if operation.is_public else _of_token(operation, product)), *bounds_in_words(product)]


def _of_token(entry: Ruled, product: Product) -> Iterator[tuple[str, str]]:
    if entry.requires_binding or product.requires_binding:
        yield _("Bound token"), _("Always: to your client certificate, or to a key whose proof you send (DPoP).")
    if entry.psd2_roles:
        roles = ", ".join(str(ROLES.get(role, role)) for role in entry.psd2_roles)
        text = _("The token is bound to a certificate of a licensed provider with one of these roles: %(roles)s.")
        yield _("Role (PSD2)"), text % {"roles": roles}
    if entry.acr_values:
        text = _("The customer has signed in in one of these ways; ask for it with acr_values: %(values)s.")
        yield _("Sign-in"), text % {"values": ", ".join(entry.acr_values)}
    if entry.max_age:
        text = _("The customer has signed in within the last %(seconds)s seconds; ask for it with max_age.")
        yield _("Age of the sign-in"), text % {"seconds": entry.max_age}
    if entry.plans:
        yield _("Plan"), _("Only with one of these plans: %(plans)s.") % {"plans": ", ".join(entry.plans)}


def bounds_in_words(product: Product) -> Iterator[tuple[str, str]]:
    """At most one, of the product's own bounds."""
    said = []
    if product.max_body_bytes:
        said.append(_("a request of at most %(size)s") % {"size": filesizeformat(product.max_body_bytes)})
    if product.max_answer_bytes:
        said.append(_("an answer of at most %(size)s") % {"size": filesizeformat(product.max_answer_bytes)})
    if product.timeout_ms:
        said.append(_("an answer within %(seconds)s seconds") % {"seconds": f"{product.timeout_ms / 1000:g}"})
    if said:
        yield _("Bounds"), capfirst(", ".join(said))
