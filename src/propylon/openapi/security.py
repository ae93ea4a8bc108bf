"""Scopes: what the security requirements of an operation ask for (OpenAPI 3.0.3, "Security Requirement Object")."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from propylon.openapi.mistakes import Mistake, pointer
from propylon.openapi.references import resolve

_SCOPE = re.compile(r"^[\x21\x23-\x5b\x5d-\x7e]{1,80}$")  # RFC 6749 section 3.3
_WITH_SCOPES = frozenset({"oauth2", "openIdConnect"})


def is_scope(text: str) -> bool:
    return _SCOPE.fullmatch(text) is not None


class Schemes:
    """The document's security schemes. Mistakes are added to `mistakes` as they are met."""

    def __init__(self, document: dict[str, Any], mistakes: list[Mistake]) -> None:
        components = document.get("components")
        named = components.get("securitySchemes") if isinstance(components, dict) else None
        self._schemes = {
            name: resolve(document, scheme) for name, scheme in (named.items() if isinstance(named, dict) else ())
        }
        self._mistakes = mistakes
        self._of_scheme: dict[str, dict[str, str]] = {}
        for name, scheme in self._schemes.items():
            self._of_scheme[name] = dict(self._declared(name, scheme))

    @property
    def scopes(self) -> dict[str, str]:
        """Every declared scope with its description."""
        return {scope: title for scopes in self._of_scheme.values() for scope, title in scopes.items()}

    def _declared(self, name: str, scheme: Any) -> Iterator[tuple[str, str]]:
        flows = scheme.get("flows") if isinstance(scheme, dict) and scheme.get("type") == "oauth2" else None
        for flow, content in flows.items() if isinstance(flows, dict) else ():
            scopes = content.get("scopes") if isinstance(content, dict) else None
            for scope, title in scopes.items() if isinstance(scopes, dict) else ():
                if _SCOPE.fullmatch(scope):
                    yield scope, str(title or scope)
                    continue
                place = pointer("components", "securitySchemes", name, "flows", flow, "scopes", scope)
                self._mistakes.append(
                    Mistake(place, "a scope is 1 to 80 visible characters without space, quote, backslash")
                )

    def needed(self, security: Any, place: str) -> tuple[str, ...]:
        """The scopes of the first alternative that names some; none if the document lets a call in without."""
        if security is None:
            return ()
        if not isinstance(security, list) or not all(isinstance(item, dict) for item in security):
            self._mistakes.append(Mistake(place, "must be a list of requirements, each a mapping of schemes to scopes"))
            return ()
        alternatives = [self._alternative(item, f"{place}/{index}") for index, item in enumerate(security)]
        if {} in security:
            return ()
        return next((scopes for scopes in alternatives if scopes), ())

    def _alternative(self, requirement: dict[str, Any], place: str) -> tuple[str, ...]:
        found: list[str] = []
        for name, scopes in requirement.items():
            scheme = self._schemes.get(name)
            if not isinstance(scheme, dict):
                self._mistakes.append(Mistake(place, f"there is no security scheme {name!r} in components"))
            elif not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
                self._mistakes.append(Mistake(place, f"the scopes of {name!r} must be a list of texts"))
            elif scheme.get("type") in _WITH_SCOPES:
                found += [scope for scope in scopes if self._is_known(name, scheme, scope, place)]
        return tuple(dict.fromkeys(found))

    def _is_known(self, name: str, scheme: dict[str, Any], scope: str, place: str) -> bool:
        if scheme["type"] == "oauth2" and scope not in self._of_scheme[name]:
            self._mistakes.append(Mistake(place, f"the scope {scope!r} is not declared by the flows of {name!r}"))
            return False
        if scheme["type"] == "openIdConnect":
            if not _SCOPE.fullmatch(scope):
                self._mistakes.append(Mistake(place, f"{scope!r} is no legal scope"))
                return False
            self._of_scheme[name].setdefault(scope, scope)
        return True
