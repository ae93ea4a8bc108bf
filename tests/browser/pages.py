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
    "contract_id": "contract",
    "order_id": "order",
    "request_id": "key_request",
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
    "revision": "revision",
    "draft_id": "draft",
    "slug": "article",
    "event": "event",
    "mail_id": "mail",
    "product": "product",
    "console_applications:client_id": "pending_client",
    "console_customers:request_id": "end_users",
    "console_certificates:order_id": "waiting_order",
    "portal_calling:name": "product",
}


def thing_named(address: Address, parameter: str) -> str:
    """The name of the thing; empty when the parameter is no thing."""
    space = address.name.partition(":")[0]
    return PARAMETERS.get(f"{space}:{parameter}") or PARAMETERS.get(parameter, "")


@dataclass(frozen=True)
class Entry:
    """`name` is the address's; `role` of demo.json looks at it, "" is a stranger. `given` are parameters of its own.

    `of` names other things than PARAMETERS does.
    """

    name: str
    role: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    path: str = ""  # of a page that has no name
    cookies: Mapping[str, str] = field(default_factory=dict)  # name -> thing
    status: int = 200
    label: str = ""

    @property
    def title(self) -> str:
        """A file's name."""
        named = self.label or "-".join([self.name.replace(":", "-").replace("_", "-"), *self.given.values()])
        return named.lower().replace("/", "-").strip("-")

    def cookies_of(self, things: Mapping[str, str]) -> dict[str, str]:
        """What a browser has to carry for it."""
        return {name: things[thing] for name, thing in self.cookies.items()}

    def address(self, things: Mapping[str, str]) -> str:
        """The path and query of a real instance; the query of one that has no name may name things in braces."""
        if self.path:
            return self.path + self.query.format_map(things)
        address = next((each for each in addresses() if each.name == self.name), None)
        assert address is not None, f"no address is named {self.name}"
        named = {each: self.of.get(each) or thing_named(address, each) for each in address.parameters}
        known = {each: things.get(thing, "") for each, thing in named.items()}
        return address.path({**known, **self.given}) + self.query


_DEVELOPER = "developer"
_MANAGER = "organization_manager"
_OPERATOR = "operator"
_CHANGED = {"product": "changed_product", "version": "changed_version"}
CUSTOMER = "__Host-customer"  # who looks at their own consents
BROWSER = "__Host-authorization"  # ties a request for consent to the browser that brought it
GUIDES = (
    "principles",
    "application-types",
    "tokens",
    "certificates",
    "consent",
    "errors",
    "going-to-production",
    "standards",
)

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
    Entry("mfa_add_webauthn", _DEVELOPER),
    Entry("portal_account:sessions", _DEVELOPER),
    Entry("portal_account:access_tokens", _DEVELOPER),
    Entry("portal_account:new_access_token", _DEVELOPER),
    Entry("portal_account:members", _MANAGER),
    Entry("portal_account:member", _MANAGER),
    Entry("portal_account:invite", _MANAGER),
    Entry("portal_account:contracts", _MANAGER),
    Entry("portal_account:history", _MANAGER),
    # ── reading ──
    Entry("portal_home:getting_started"),
    Entry("portal_home:getting_started", _DEVELOPER, label="portal-home-getting-started-signed-in"),
    Entry("portal_home:guides"),
    *(Entry("portal_home:guide", given={"slug": each}) for each in GUIDES),
    Entry("portal_home:news"),
    Entry("portal_home:article"),
    Entry("portal_home:terms"),
    Entry("portal_home:privacy"),
    Entry("portal_statistics:statistics"),
    Entry("portal_tools:certificate", _DEVELOPER),
    # ── products and calls ──
    Entry("portal_catalogue:products"),
    Entry("portal_catalogue:products", query="?q=account", label="portal-catalogue-products-search"),
    Entry("portal_catalogue:products", query="?q=414", label="portal-catalogue-products-status"),
    Entry("portal_catalogue:products", query="?q=zeppelin", label="portal-catalogue-products-nothing-found"),
    Entry("portal_catalogue:error_codes"),
    Entry("portal_catalogue:product", _DEVELOPER),
    Entry("portal_catalogue:subscribe", _DEVELOPER),
    Entry("portal_catalogue:version", _DEVELOPER),
    Entry("portal_catalogue:token", _DEVELOPER),
    Entry("portal_catalogue:scopes", _DEVELOPER),
    Entry("portal_catalogue:errors", _DEVELOPER),
    Entry("portal_catalogue:identities", _DEVELOPER),
    Entry("portal_catalogue:versions", _DEVELOPER),
    Entry("portal_catalogue:versions", of=_CHANGED, label="portal-catalogue-versions-changes"),
    Entry("portal_catalogue:downloads", _DEVELOPER),
    Entry("portal_catalogue:reference", _DEVELOPER),
    Entry("portal_catalogue:operation", _DEVELOPER),
    Entry("portal_catalogue:operation", label="portal-catalogue-operation-stranger"),
    Entry("portal_calling:try", _DEVELOPER),
    # ── applications ──
    Entry("portal_apps:list", _DEVELOPER),
    Entry("portal_apps:list", "analyst", label="portal-apps-list-analyst"),
    Entry("portal_apps:new", _DEVELOPER),
    *(Entry("portal_apps:register", _DEVELOPER, {"type_name": each}) for each in ("server", "web", "spa", "native")),
    Entry("portal_apps:detail", _DEVELOPER),
    Entry("portal_apps:keys", _DEVELOPER),
    Entry("portal_apps:public_keys", _DEVELOPER),
    Entry("portal_apps:keys", _DEVELOPER, of={"application_id": "web_application"}, label="portal-apps-keys-asked-for"),
    Entry("portal_apps:certificates", _DEVELOPER),
    Entry("portal_apps:certificate", _DEVELOPER),
    Entry("portal_apps:certificate_order", _DEVELOPER),
    Entry("portal_apps:subscriptions", _DEVELOPER),
    Entry("portal_apps:source_ranges", _DEVELOPER),
    Entry("portal_apps:end_users", _DEVELOPER, of={"application_id": "web_application"}),
    Entry("portal_apps:usage", _DEVELOPER),
    Entry("portal_apps:calls", _DEVELOPER),
    Entry("portal_apps:call", _DEVELOPER),
    Entry("portal_apps:history", _DEVELOPER),
    Entry("portal_apps:settings", _DEVELOPER),
    Entry("portal_apps:add_environment", _DEVELOPER, of={"application_id": "sandboxed_application"}),
    Entry("portal_apps:approvals", _DEVELOPER, of={"application_id": "asking_application"}),
    Entry("portal_apps:ask_again", _DEVELOPER),
    Entry("portal_apps:delete", _DEVELOPER),
    # ── the operator's console ──
    Entry("console_queue:home", _OPERATOR),
    Entry("console_queue:home", "auditor", label="console-queue-home-auditor"),
    Entry("console_queue:home", _DEVELOPER, status=403, label="console-queue-home-developer"),
    Entry("console_people:organizations", _OPERATOR),
    Entry("console_people:add_organization", _OPERATOR),
    Entry("console_people:organization", _OPERATOR),
    Entry("console_people:add_contract", _OPERATOR),
    Entry("console_people:contract", _OPERATOR),
    Entry("console_people:users", _OPERATOR),
    Entry("console_people:user", _OPERATOR),
    Entry("console_people:roles", _OPERATOR),
    Entry("console_products:list", _OPERATOR),
    Entry("console_products:import", _OPERATOR),
    Entry("console_products:preview", _OPERATOR),
    Entry("console_products:detail", _OPERATOR),
    Entry("console_products:rules", _OPERATOR),
    Entry("console_products:consents", _OPERATOR),
    Entry("console_products:add_detail_type", _OPERATOR),
    Entry("console_products:detail_type", _OPERATOR, given={"type_name": "account_information"}),
    Entry("console_products:risks", _OPERATOR),
    Entry("console_products:version", _OPERATOR),
    Entry("console_products:operation_rules", _OPERATOR),
    Entry("console_products:unpublish", _OPERATOR, given={"environment": "sandbox"}),
    Entry("console_products:lifecycle", _OPERATOR),
    Entry("console_products:lifecycle", _OPERATOR, of=_CHANGED, label="console-products-lifecycle-changes"),
    Entry("console_products:environments", _OPERATOR),
    Entry("console_products:add_environment", _OPERATOR),
    Entry("console_products:add_upstream", _OPERATOR),
    Entry("console_products:add_plan", _OPERATOR),
    Entry("console_products:change_environment", _OPERATOR, given={"name": "sandbox"}, label="console-environment"),
    Entry("console_products:change_upstream", _OPERATOR, given={"name": "sandbox"}, label="console-upstream"),
    Entry("console_products:change_plan", _OPERATOR, given={"name": "standard"}, label="console-plan"),
    Entry("console_customers:directory", _OPERATOR, given={"name": "production"}),
    Entry("console_customers:change", _OPERATOR, given={"name": "production", "kind": "ldap"}),
    Entry("console_customers:change", _OPERATOR, given={"name": "production", "kind": "openid"}),
    Entry("console_customers:end_user_request", _OPERATOR),
    Entry("console_news:list", _OPERATOR),
    Entry("console_news:list", _OPERATOR, query="?state=scheduled", label="console-news-list-nothing-found"),
    Entry("console_news:write", _OPERATOR),
    Entry("console_news:article", _OPERATOR),
    Entry("console_news:article", "auditor", label="console-news-article-auditor"),
    Entry("console_applications:list", _OPERATOR),
    Entry("console_applications:detail", _OPERATOR),
    Entry("console_applications:deletion", _OPERATOR),
    Entry("console_applications:decision", _OPERATOR),
    Entry("console_applications:secret", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:plan", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:legacy", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:legacy_end", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:asking_customers", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:logout_addresses", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:registration_tokens", _OPERATOR),
    Entry("console_applications:make_registration_token", _OPERATOR),
    Entry("console_applications:subjects", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:tokens", _OPERATOR, of={"client_id": "web_client"}),
    Entry("console_applications:key_request", _OPERATOR),
    Entry("console_certificates:inventory", _OPERATOR),
    Entry("console_certificates:authorities", _OPERATOR),
    Entry("console_certificates:trust_anchors", _OPERATOR),
    Entry("console_certificates:trust_anchor", _OPERATOR),
    Entry("console_certificates:detail", _OPERATOR),
    Entry("console_certificates:revocation", _OPERATOR),
    Entry("console_certificates:orders", _OPERATOR),
    Entry("console_certificates:order", _OPERATOR),
    Entry("console_gateway:nodes", _OPERATOR),
    Entry("console_gateway:node", _OPERATOR),
    Entry("console_gateway:revisions", _OPERATOR),
    Entry("console_gateway:revision", _OPERATOR),
    Entry("console_gateway:kill_switches", _OPERATOR),
    Entry("console_gateway:throw_kill_switch", _OPERATOR, given={"kind": "product"}),
    Entry("console_gateway:throw_kill_switch", _OPERATOR, given={"kind": "organization"}),
    Entry("console_gateway:marks", _OPERATOR),
    Entry("console_gateway:place_mark", _OPERATOR),
    Entry("console_analytics:analytics", _OPERATOR),
    Entry("console_gateway:calls", _OPERATOR),
    Entry("console_gateway:call", _OPERATOR),
    Entry("console_audit:events", _OPERATOR),
    Entry("console_audit:event", _OPERATOR),
    Entry("console_audit:mails", _OPERATOR),
    Entry("console_audit:mail", _OPERATOR),
    Entry("unknown", path="/no-such-page", status=404),
    # ── what the bank's customer sees, and who has a link to a certificate ──
    Entry("bank-login", path="/oauth/authorize", query="?{authorization}"),
    Entry("bank-consent", path="/oauth/consent", query="?request={consent}", cookies={BROWSER: "browser"}),
    Entry("portal_consents:log_in"),
    Entry("portal_consents:list", cookies={CUSTOMER: "customer"}),
    Entry("portal_consents:withdraw", of={"consent_id": "customer_consent"}, cookies={CUSTOMER: "customer"}),
    Entry("portal_consents:logins", cookies={CUSTOMER: "customer"}),
    Entry("portal_approvals:list", cookies={CUSTOMER: "customer"}),
    Entry("bank-refused", path="/oauth/authorize", query="?client_id=unknown", status=400),
    Entry("certificate-download", path="/certificates/download", query="?token={download}"),
    Entry("certificate-link-refused", path="/certificates/download", query="?token=unknown", status=404),
)

# Addresses that answer GET with something else than a page of their own: files, parts of a page, redirects.
NO_PAGES: Mapping[str, str] = {
    "portal_calling:postman_collection": "a file",
    "portal_calling:postman_environment": "a file",
    "portal_calling:sample": "a file",
    "portal_apps:new_products": "a part of a page",
    "console_audit:export": "a file",
    "console_gateway:lift_mark": "of a mark that can be lifted: test_mark_pages",
    "console_gateway:lift_kill_switch": "while something is stopped: test_kill_switch_pages",
    "console_applications:client": "leads to its application",
    "console_customers:trial": "an answer to a form",
    "console_customers:built_in": "an answer to a form",
    "portal_catalogue:openapi_json": "a file",
    "portal_catalogue:openapi_yaml": "a file",
    "portal_approvals:answer": "an answer to a form",
    "portal_account:organizations": "leads to the only organization's members",
    "mfa_list_webauthn": "leads to portal_account:security",
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

# What README shows, each in one theme.
PICTURES: Mapping[str, str] = {
    "portal-home-home": "light",
    "portal-catalogue-operation": "dark",
    "portal-apps-detail": "light",
    "portal-calling-try": "light",
    "console-queue-home": "light",
    "console-analytics-analytics": "dark",
}
# A button that is pressed before such a picture is taken, and what it brings.
PRESSED: Mapping[str, tuple[str, str]] = {"portal-calling-try": ("Send the request", "#try-answer")}
