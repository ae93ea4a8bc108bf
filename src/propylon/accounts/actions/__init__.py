"""All that changes accounts, organizations, members and personal access tokens."""

from propylon.accounts.actions.access_tokens import create_access_token, revoke_access_token
from propylon.accounts.actions.invitations import (
    accept_invitation,
    invite_member,
    open_invitation,
    withdraw_invitation,
)
from propylon.accounts.actions.members import add_member, change_role, remove_member
from propylon.accounts.actions.organizations import create_organization
from propylon.accounts.actions.passwords import set_password, spend_reset
from propylon.accounts.actions.profile import change_profile
from propylon.accounts.actions.second_step import check_code, has_second_step, require_second_step
from propylon.accounts.actions.sessions import end_session, end_sessions
from propylon.accounts.actions.sign_in import confirm_password, sign_in
from propylon.accounts.actions.sign_up import sign_up, verify_email
from propylon.accounts.actions.terms import accept_terms
from propylon.accounts.actions.users import create_user, set_user_active

__all__ = [
    "accept_invitation",
    "accept_terms",
    "add_member",
    "change_profile",
    "change_role",
    "check_code",
    "confirm_password",
    "create_access_token",
    "create_organization",
    "create_user",
    "end_session",
    "end_sessions",
    "has_second_step",
    "invite_member",
    "open_invitation",
    "remove_member",
    "require_second_step",
    "revoke_access_token",
    "set_password",
    "set_user_active",
    "sign_in",
    "sign_up",
    "spend_reset",
    "verify_email",
    "withdraw_invitation",
]
