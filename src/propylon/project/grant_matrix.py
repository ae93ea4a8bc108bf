"""Writes docs/reference/grant-matrix.md from `propylon.oauth.policy`: `python -m propylon.project.grant_matrix`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from propylon.oauth.policy import LEGACY, TYPES, Certificate, ProfilePolicy, RedirectRule, TypePolicy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "grant-matrix.md"
_HEAD = """# The grant matrix

What an application may do follows from its type and the security profile of its client: `propylon.oauth.policy`, from
which `make docs` writes this page. Do not edit it. Nobody registers with the profile `legacy`: an operator allows it
for one client of the profile `standard`, with a reason and an end ([legacy](../explanation/legacy.md)).

"""
_COLUMNS = (
    "type", "profile", "grants", "if allowed", "response types", "authenticates by", "tokens at", "PKCE", "PAR",
    "certificate", "bound tokens", "ranges", "refresh tokens", "redirect URIs",
)  # fmt: skip
_REDIRECTS = {
    RedirectRule.NONE: "none",
    RedirectRule.HTTPS: "https",
    RedirectRule.WEB: "https, own machine",
    RedirectRule.NATIVE: "https, loopback, private-use scheme",
}
_NOTHING = "none"


def matrix() -> str:
    """The page. A row says what holds for the first method of authentication."""
    lines = [_row(_COLUMNS), _row("---" for _ in _COLUMNS)]
    lines += [_row(_cells(type_, name, policy)) for type_ in TYPES.values() for name, policy in _policies(type_)]
    return _HEAD + "\n".join(lines) + "\n\n" + _NOTES


_NOTES = """- PKCE is S256; `plain` exists nowhere. Where it is optional, who begins with it must go on with it.
- If allowed: grants that single clients get, in a sandbox by themselves, elsewhere from the operator
  ([asking customers on their own devices](../explanation/decoupled-approval.md)).
- `internal` is for the bank's own organizations.
- Tokens at: the listener where a client may ask for tokens; `mutual` asks for a client certificate.
- A client that authenticates by `private_key_jwt` needs no certificate; under `fapi2` its tokens are then bound to a
  key (DPoP). Where tokens need not be bound, a certificate or a DPoP proof that is shown binds them.
- Ranges: whether calls and token requests may be limited to source addresses.
"""


def _policies(type_: TypePolicy) -> Iterator[tuple[str, ProfilePolicy]]:
    yield from type_.profiles.items()
    if type_.legacy is not None:
        yield LEGACY, type_.legacy


def _cells(type_: TypePolicy, profile: str, policy: ProfilePolicy) -> Iterator[str]:
    has_codes = "code" in policy.response_types
    yield type_.name
    yield profile
    yield _codes(sorted(policy.grants))
    yield _codes(sorted(policy.grants_on_request))
    yield _codes(policy.response_types)
    yield _codes(policy.auth_methods)
    yield policy.listener.value
    yield ("required" if policy.requires_pkce else "optional") if has_codes else _NOTHING
    yield ("required" if policy.requires_par else "optional") if has_codes else _NOTHING
    yield "no" if policy.certificate is Certificate.NONE else policy.certificate.value
    yield "always" if policy.binds_tokens else "possible"
    yield "possible" if policy.takes_source_ranges else "no"
    yield ("rotate" if policy.rotates_refresh_tokens else "stay") if "refresh_token" in policy.grants else _NOTHING
    yield _REDIRECTS[policy.redirect_rule]


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or _NOTHING


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(matrix())
