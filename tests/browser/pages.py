"""The one table of all pages of portal and console: who looks at each, and at which thing.

`test_every_page.py` judges each, `screenshots.py` pictures each, `bench/pages.py` times each; a page that is in no
line of it fails `test_page_table.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from browser.addresses import Address, addresses

# Parameter of an address -> thing of staging.py that it names; an area's own meaning stands behind its name.
PARAMETERS = {
    "application_id": "application",
    "client_id": "client",
    "organization_id": "organization",
    "order_id": "order",
    "certificate_id": "certificate",
    "subscription_id": "subscription",
    "invitation_id": "invitation",
    "token_id": "access_token",
    "user_id": "user",
    "tracking_id": "call",
    "operation_id": "operation",
    "version": "version",
    "environment": "environment",
    "node": "node",
    "portal_calling:name": "product",
    "portal_catalogue:name": "product",
    "console_products:name": "product",
}


def thing_named(address: Address, parameter: str) -> str:
    """The name of the thing; empty when the parameter is no thing."""
    space = address.name.partition(":")[0]
    return PARAMETERS.get(f"{space}:{parameter}") or PARAMETERS.get(parameter, "")


@dataclass(frozen=True)
class Entry:
    """`name` is the address's; `role` of demo.json looks at it, "" is a stranger. `given` are parameters of its own."""

    name: str
    role: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    path: str = ""  # of a page that has no name
    status: int = 200
    label: str = ""

    @property
    def title(self) -> str:
        """A file's name."""
        named = self.label or "-".join([self.name.replace(":", "-").replace("_", "-"), *self.given.values()])
        return named.lower().replace("/", "-").strip("-")

    def address(self, things: Mapping[str, str]) -> str:
        """The path and query of a real instance."""
        if self.path:
            return self.path + self.query
        address = next((each for each in addresses() if each.name == self.name), None)
        assert address is not None, f"no address is named {self.name}"
        known = {each: things.get(thing_named(address, each), "") for each in address.parameters}
        return address.path({**known, **self.given}) + self.query


_DEVELOPER = "developer"
_MANAGER = "organization_manager"

PAGES: tuple[Entry, ...] = (
    Entry("portal_home:home"),
    Entry("portal_home:home", _DEVELOPER, label="portal-home-home-signed-in"),
    Entry("design_system"),
    # ── an account ──
    Entry("portal_account:sign_up"),
    Entry("portal_account:sign_up_sent"),
    Entry("portal_account:verify", query="?token=unknown"),
    Entry("portal_account:accept", query="?token=unknown", status=400),
    Entry("account_login"),
    Entry("account_logout", _DEVELOPER),
    Entry("account_reset_password"),
    Entry("account_reset_password_done"),
    Entry("account_reset_password_from_key", given={"uidb36": "a", "key": "unknown"}),
    Entry("account_reauthenticate", _DEVELOPER),
    Entry("portal_account:profile", _DEVELOPER),
    Entry("portal_account:security", _DEVELOPER),
    Entry("account_change_password", _DEVELOPER),
    Entry("mfa_activate_totp", _DEVELOPER),
    Entry("mfa_list_webauthn", _DEVELOPER),
    Entry("mfa_add_webauthn", _DEVELOPER),
    Entry("portal_account:sessions", _DEVELOPER),
    Entry("portal_account:access_tokens", _DEVELOPER),
    Entry("portal_account:new_access_token", _DEVELOPER),
    Entry("portal_account:revoke_access_token", _DEVELOPER),
    Entry("portal_account:organizations", _DEVELOPER),
    Entry("portal_account:members", _MANAGER),
    Entry("portal_account:member", _MANAGER),
    Entry("portal_account:remove", _MANAGER),
    Entry("portal_account:invite", _MANAGER),
    Entry("portal_account:withdraw", _MANAGER),
    Entry("portal_account:history", _MANAGER),
    # ── products and calls ──
    Entry("portal_calling:try", _DEVELOPER),
    # ── applications ──
    Entry("portal_apps:list", _DEVELOPER),
    Entry("portal_apps:list", "analyst", label="portal-apps-list-analyst", status=403),
    Entry("portal_apps:new", _DEVELOPER),
    *(Entry("portal_apps:register", _DEVELOPER, {"type_name": each}) for each in ("server", "web", "spa", "native")),
    Entry("portal_apps:detail", _DEVELOPER),
    Entry("portal_apps:keys", _DEVELOPER),
    Entry("portal_apps:certificates", _DEVELOPER),
    Entry("portal_apps:certificate", _DEVELOPER),
    Entry("portal_apps:certificate_order", _DEVELOPER),
    Entry("portal_apps:subscriptions", _DEVELOPER),
    Entry("portal_apps:unsubscribe", _DEVELOPER),
    Entry("portal_apps:source_ranges", _DEVELOPER),
    Entry("portal_apps:calls", _DEVELOPER),
    Entry("portal_apps:call", _DEVELOPER),
    Entry("portal_apps:history", _DEVELOPER),
    Entry("portal_apps:settings", _DEVELOPER),
    Entry("portal_apps:add_environment", _DEVELOPER),
    Entry("portal_apps:delete", _DEVELOPER),
    Entry("unknown", path="/no-such-page", status=404),
)

# Addresses that answer GET with something else than a page of their own: files, parts of a page, redirects.
NO_PAGES: Mapping[str, str] = {
    "portal_calling:postman_collection": "a file",
    "portal_calling:postman_environment": "a file",
    "portal_calling:sample": "a file",
    "portal_apps:new_products": "a part of a page",
    "portal_account:end_session": "takes POST only",
    "portal_account:end_other_sessions": "takes POST only",
    "mfa_index": "leads to portal_account:security",
    "mfa_login_webauthn": "an answer to a script",
    "mfa_authenticate": "the second step of a sign-in: test_sign_in pages",
    "mfa_reauthenticate": "needs an authenticator",
    "mfa_reauthenticate_webauthn": "needs a passkey",
    "mfa_deactivate_totp": "needs an authenticator",
    "mfa_view_recovery_codes": "needs an authenticator",
    "mfa_generate_recovery_codes": "needs an authenticator",
    "mfa_download_recovery_codes": "a file",
    "mfa_edit_webauthn": "needs a passkey",
    "mfa_remove_webauthn": "needs a passkey",
}

# What README shows.
PICTURES = ("portal-home-home",)


def for_role(role: str) -> list[Entry]:
    return [each for each in PAGES if each.role == role]
