"""Deciding what an OpenAPI document becomes: operations, and scopes that no other product owns. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from propylon.kernel.errors import FieldError
from propylon.openapi.access import AccessRules
from propylon.openapi.api import Api

MAX_SCOPE = 80
RESERVED_NAMES = frozenset({"authentication"})  # the portal documents the authorization server under it
_NAME = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?$")
_VERSION = re.compile(r"^v[0-9]{1,9}(?:[.-][a-z0-9.-]{1,9})?$")
_SCOPE = re.compile(r"^[\x21\x23-\x5b\x5d-\x7e]{1,80}$")  # RFC 6749 section 3.3


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    operation_id: str
    method: str
    path_template: str
    summary: str
    scopes: tuple[str, ...]  # never empty
    tag: str
    is_deprecated: bool
    access: AccessRules


@dataclass(frozen=True, slots=True)
class PlannedImport:
    version: str
    mount_path: str
    default_scope: str
    scopes: Mapping[str, str]  # name: title
    operations: tuple[PlannedOperation, ...]


def plan_import(
    api: Api, *, product: str, title: str, version: str | None, scope: str | None, owners: Mapping[str, str]
) -> PlannedImport | tuple[FieldError, ...]:
    """The import, or everything that speaks against it.

    `owners` says which product each existing scope belongs to. A scope of the document that another product owns
    becomes `<product>:<scope>`; one that was asked for by name is refused instead.
    """
    foreign = {name for name, owner in owners.items() if owner != product}
    chosen = version or api.version
    mistakes = list(_mistakes(api, product, chosen, scope, foreign))
    default_scope = scope or own_scope(product, product, foreign)
    names = {name: own_scope(name, product, foreign) for name in api.scopes}
    scopes = {default_scope: f"Use {title}"} | {names[name]: text[:200] for name, text in api.scopes.items()}
    mistakes += [
        FieldError(name, "scope", f"is owned by another product, and {product}:{name} is longer than {MAX_SCOPE}")
        for name, own in names.items()
        if len(own) > MAX_SCOPE
    ]
    if mistakes:
        return tuple(mistakes)
    operations = tuple(
        PlannedOperation(
            operation_id=operation.operation_id,
            method=operation.method,
            path_template=operation.path,
            summary=operation.summary[:300],
            scopes=tuple(names[name] for name in operation.scopes) or (default_scope,),
            tag=operation.tag[:120],
            is_deprecated=operation.is_deprecated,
            access=operation.access,
        )
        for operation in api.operations
    )
    return PlannedImport(chosen, api.mount_path(product, chosen), default_scope, scopes, operations)


def own_scope(scope: str, product: str, foreign: set[str]) -> str:
    """The scope's name if it is free, else with the product's name before it."""
    return f"{product}:{scope}" if scope in foreign else scope


def _mistakes(api: Api, product: str, version: str, scope: str | None, foreign: set[str]) -> list[FieldError]:
    mistakes = []
    if not _NAME.fullmatch(product):
        mistakes.append(
            FieldError("name", "body", "1 to 60 lower-case letters, digits and hyphens, such as 'accounts'")
        )
    elif product in RESERVED_NAMES:
        mistakes.append(FieldError("name", "body", f"{product!r} is taken by the product's own documentation"))
    if not _VERSION.fullmatch(version):
        mistakes.append(FieldError("version", "body", "'v' and a number, such as 'v1'"))
    elif api.paths_begin_with_version and version != api.version:
        reason = f"every path of the document begins with /{api.version}/, so the version is {api.version}"
        mistakes.append(FieldError("version", "body", reason))
    if scope is not None and not _SCOPE.fullmatch(scope):
        mistakes.append(FieldError("scope", "body", "1 to 80 visible characters without space, quote and backslash"))
    if scope is not None and scope in foreign:
        mistakes.append(FieldError("scope", "body", f"{scope!r} belongs to another product; choose another name"))
    return mistakes
