"""What each event of the log says to people. A new action needs its words here; a test finds those without."""

from __future__ import annotations

from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

WORDS: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        "access_token.created": _("Access token for the management API made"),
        "access_token.revoked": _("Access token for the management API revoked"),
        "application.changed": _("Application's name or contact changed"),
        "application.deleted": _("Application deleted"),
        "application.registered": _("Application added"),
        "approval.asked": _("Customer asked to approve"),
        "approval.denied": _("Question to a customer denied"),
        "approval.given": _("Question to a customer approved"),
        "approval.timed_out": _("Question to a customer let time out"),
        "article.changed": _("Article changed"),
        "article.deleted": _("Article deleted"),
        "article.written": _("Article written"),
        "authorization_request.given_up": _("Customer went back: the bank's login could not be reached"),
        "authorization_request.pushed": _("Request for a customer's consent received"),
        "certificate.issued": _("Certificate issued"),
        "certificate.revoked": _("Certificate revoked"),
        "certificate_authority.control_plane_certificate_issued": _("Certificate for the control plane issued"),
        "certificate_authority.created": _("Certificate authority made"),
        "certificate_authority.crl_published": _("Revocation list published"),
        "certificate_authority.node_certificate_issued": _("Certificate for a gateway node issued"),
        "certificate_authority.server_certificate_issued": _("Server certificate issued"),
        "certificate_order.approved": _("Certificate order approved"),
        "certificate_order.downloaded": _("Certificate downloaded"),
        "certificate_order.intent_recorded": _("Signing began"),
        "certificate_order.link_sent": _("Download link mailed"),
        "certificate_order.refused": _("Certificate order refused"),
        "certificate_order.requested": _("Certificate ordered"),
        "client.approved": _("Application approved"),
        "client.authorization_details_types_set": _("Types of authorization_details that an application may use, set"),
        "client.asking_customers_set": _("Asking customers on their own devices allowed or ended"),
        "client.console_certificate_intended": _("Certificate for the call console made"),
        "client.console_token_issued": _("Token for the call console made"),
        "client.legacy_allowed": _("Profile legacy allowed: weaker than the standard"),
        "client.legacy_ended": _("Profile legacy ended"),
        "client.legacy_expired": _("Profile legacy has ended by itself"),
        "client.end_users_approved": _("End users added"),
        "client.end_users_refused": _("Request for end users refused"),
        "client.end_users_requested": _("End users asked for"),
        "client.end_users_withdrawn": _("Request for end users withdrawn"),
        "client.old_secret_ended": _("Old client secret ended before its time"),
        "client.plan_given": _("Another plan given"),
        "client.public_keys_set": _("Public keys set"),
        "client.redirect_uris_set": _("Redirect URIs set"),
        "client.regeneration_refused": _("Request for new keys refused"),
        "client.regeneration_requested": _("New keys asked for"),
        "client.regeneration_withdrawn": _("Request for new keys withdrawn"),
        "client.rejected": _("Application rejected"),
        "client.requested": _("Approval asked for"),
        "client.requested_again": _("Approval asked for again"),
        "client.secret_regenerated": _("Client secret replaced"),
        "client.secret_shown": _("Client secret shown"),
        "client.source_ranges_set": _("Source ranges set"),
        "client.subscribed": _("Subscribed to a product"),
        "client.tokens_refused": _("All tokens of the application refused"),
        "client.unsubscribed": _("Subscription given up"),
        "contract.changed": _("Contract changed"),
        "contract.created": _("Contract added"),
        "contract.end_announced": _("Contract's end announced by mail"),
        "contract.ended": _("Contract ended before its time"),
        "customer.accounts_set": _("Customer's accounts entered"),
        "customer.added": _("Customer of the sandbox bank added"),
        "customer.logged_in": _("Customer logged in to decide about a consent"),
        "customer.second_step": _("Customer gave the code of the second step"),
        "customer.password_set": _("Customer's password set"),
        "demonstration.begun": _("Demonstration set up"),
        "environment.changed": _("Environment changed"),
        "environment.created": _("Environment added"),
        "customer.first_seen": _("Customer of another directory seen for the first time"),
        "grant.denied": _("Customer refused the consent"),
        "grant.ended": _("Customer's consent ended"),
        "customer_directory.removed": _("Customers log in with the built-in directory again"),
        "customer_directory.set": _("Where customers log in set"),
        "grant.tokens_refused": _("All tokens of a customer's consent refused"),
        "grant.made": _("Customer gave the consent"),
        "grant.made_for_console": _("Consent of a sandbox customer made for the call console"),
        "invitation.sent": _("Invitation sent"),
        "invitation.withdrawn": _("Invitation withdrawn"),
        "kill_switch.lifted": _("Calls let through again"),
        "kill_switch.thrown": _("Calls stopped"),
        "mark.expired": _("Mark ended by itself"),
        "mark.lifted": _("Mark lifted: what it refused works again"),
        "mark.placed": _("Mark placed: the gateways refuse it"),
        "member.added": _("Member added"),
        "member.removed": _("Member removed"),
        "member.role_changed": _("Member given another role"),
        "node.certificate_renewed": _("Gateway node's certificate renewed"),
        "node.enrolled": _("Gateway node enrolled"),
        "node.enrolled_again": _("Gateway node enrolled again: its certificate before is refused"),
        "node.removed": _("Gateway node removed"),
        "operation.access_changed": _("Who may call an operation changed"),
        "organization.created": _("Organization added"),
        "plan.changed": _("Plan changed"),
        "plan.created": _("Plan added"),
        "plan.removed": _("Plan removed"),
        "product.detail_type_added": _("Type of authorization_details added"),
        "product.detail_type_changed": _("Type of authorization_details changed"),
        "product.detail_type_removed": _("Type of authorization_details removed"),
        "product.hidden": _("Product hidden from the catalogue"),
        "product.imported": _("Product version imported"),
        "product.lifecycle_changed": _("End of a product version announced or changed"),
        "product.listing_changed": _("Product's place in the catalogue changed"),
        "product.published": _("Product version published"),
        "product.risks_changed": _("Risk of a product's scopes changed"),
        "product.rules_changed": _("Product's bounds, or what its calls need, changed"),
        "product.scope_changed": _("Whether a consent to a scope names accounts, changed"),
        "product.shown": _("Product shown in the catalogue"),
        "product.unpublished": _("Product version taken back from an environment"),
        "product.version_ended": _("Product version ended"),
        "session.ended": _("Session on another device ended"),
        "sign_up.requested": _("Account asked for"),
        "signing_key.made": _("Key that signs tokens made"),
        "signing_key.retired": _("Key that signs tokens retired"),
        "terms.accepted": _("Terms accepted"),
        "token.issued": _("Token issued"),
        "token.revoked": _("Token revoked"),
        "upstream.changed": _("Upstream changed"),
        "upstream.created": _("Upstream added"),
        "user.activated": _("User switched on again"),
        "user.created": _("User added"),
        "user.deactivated": _("User switched off"),
        "user.mfa_added": _("Second step of sign-in added"),
        "user.mfa_removed": _("Second step of sign-in removed"),
        "user.mfa_reset": _("Recovery codes made anew"),
        "user.password_changed": _("Password changed"),
        "user.profile_changed": _("Profile changed"),
        "user.signed_in": _("Signed in"),
        "user.signed_out": _("Signed out"),
    }
)


def actions_said(text: str) -> list[str]:
    """The actions whose words contain the text, in the page's language: "approved" means client.approved and others.

    None for a name of an action or the beginning of one, which means nothing else.
    """
    wanted = text.strip().casefold()
    if not wanted or any(f"{action}.".startswith(f"{wanted}.") for action in WORDS):
        return []
    return [action for action, words in WORDS.items() if wanted in str(words).casefold()]


def event_words(action: str) -> str:
    """The words, in the page's language; of an action that older versions wrote, its own name made readable."""
    words = WORDS.get(action)
    return str(words) if words is not None else capfirst(action.replace("_", " ").replace(".", ": "))
