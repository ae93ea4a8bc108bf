"""All that changes accounts, organizations, members and personal access tokens."""

from propylon.accounts.actions.access_tokens import create_access_token, revoke_access_token
from propylon.accounts.actions.invitations import accept_invitation, invite_member, withdraw_invitation
from propylon.accounts.actions.members import add_member, change_role, remove_member
from propylon.accounts.actions.organizations import create_organization
from propylon.accounts.actions.sign_in import confirm_password, sign_in
from propylon.accounts.actions.sign_up import sign_up, verify_email
from propylon.accounts.actions.users import create_user, set_user_active

__all__ = [
    "accept_invitation",
    "add_member",
    "change_role",
    "confirm_password",
    "create_access_token",
    "create_organization",
    "create_user",
    "invite_member",
    "remove_member",
    "revoke_access_token",
    "set_user_active",
    "sign_in",
    "sign_up",
    "verify_email",
    "withdraw_invitation",
]
