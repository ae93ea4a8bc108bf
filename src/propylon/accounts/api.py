"""Accounts in the management API: sign-up, personal access tokens, who am I, users."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from ninja import Field, Query, Router, Status

from propylon.accounts import actions, selectors
from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user, source_address
from propylon.accounts.roles import Permission
from propylon.accounts.schemas import (
    AcceptanceIn,
    AcceptedOut,
    AccessTokenPage,
    NewAccessTokenOut,
    OrganizationOut,
    PasswordChange,
    ProfileChange,
    SessionOut,
    SignInIn,
    SignUpIn,
    TokenIn,
    UserChange,
    UserOut,
    UserPage,
    organization_out,
    session_out,
    token_out,
    user_out,
)
from propylon.audit.paging import PageQuery, page_of

router = Router(tags=["Accounts"])


@router.post("/sign-ups", response={202: AcceptedOut}, auth=None, summary="Sign up")
def sign_up(request: HttpRequest, payload: SignUpIn) -> Status[AcceptedOut]:
    """The answer is the same whether the address is known or not; the mail to it tells which."""
    actions.sign_up(**payload.model_dump(), source_address=source_address(request))
    return Status(202, AcceptedOut(message="A mail is on its way to this address. Open its link to go on."))


@router.post("/email-verifications", response={201: UserOut}, auth=None, summary="Open the link of the sign-up mail")
def verify_email(request: HttpRequest, payload: TokenIn) -> Status[UserOut]:
    return Status(201, user_out(actions.verify_email(token=payload.token)))


@router.post(
    "/invitation-acceptances", response={201: OrganizationOut}, auth=None, summary="Open the link of an invitation"
)
def accept_invitation(request: HttpRequest, payload: AcceptanceIn) -> Status[OrganizationOut]:
    membership = actions.accept_invitation(**payload.model_dump())
    return Status(201, organization_out(membership.organization))


@router.post("/access-tokens", response={201: NewAccessTokenOut}, auth=None, summary="Sign in: make an access token")
def create_access_token(request: HttpRequest, payload: SignInIn) -> Status[NewAccessTokenOut]:
    """Send it as `Authorization: Bearer …` with every other request."""
    user = actions.sign_in(email=payload.email, password=payload.password, source_address=source_address(request))
    actions.require_second_step(user=user, code=payload.code)
    token, secret = actions.create_access_token(
        acting_user=actor_of(user), user=user, name=payload.name, lifetime=timedelta(seconds=payload.expires_in)
    )
    return Status(201, NewAccessTokenOut(**token_out(token).model_dump(), access_token=secret.reveal()))


@router.get("/access-tokens", response=AccessTokenPage, summary="Your own access tokens")
def list_access_tokens(request: HttpRequest, query: Query[PageQuery]) -> AccessTokenPage:
    user = current_user(request)
    page = page_of(selectors.live_access_tokens(user), query, name=f"access-tokens of {user.public_id}")
    return AccessTokenPage(data=[token_out(row) for row in page.rows], paging=page.paging)


@router.delete("/access-tokens/{token_id}", response={204: None}, summary="Revoke one of your access tokens")
def revoke_access_token(request: HttpRequest, token_id: str) -> Status[None]:
    user = current_user(request)
    actions.revoke_access_token(acting_user=actor_of(user), token=selectors.access_token_of(user, token_id))
    return Status(204, None)


@router.get("/me", response=UserOut, summary="Who am I")
def show_me(request: HttpRequest) -> UserOut:
    return user_out(current_user(request))


@router.patch("/me", response=UserOut, summary="Change your profile")
def change_me(request: HttpRequest, payload: ProfileChange) -> UserOut:
    user = current_user(request)
    return user_out(actions.change_profile(acting_user=actor_of(user), user=user, **payload.model_dump()))


@router.post("/me/password", response={204: None}, summary="Change your password")
def change_password(request: HttpRequest, payload: PasswordChange) -> Status[None]:
    """Every browser session ends; access tokens live on."""
    user = current_user(request)
    actions.confirm_password(user=user, password=payload.current_password, source_address=source_address(request))
    actions.set_password(acting_user=actor_of(user), user=user, password=payload.password)
    return Status(204, None)


@router.get("/me/sessions", response=list[SessionOut], summary="Where you are signed in with a browser")
def list_sessions(request: HttpRequest) -> list[SessionOut]:
    return [session_out(row) for row in selectors.live_sessions(current_user(request))]


@router.delete("/me/sessions/{session_id}", response={204: None}, summary="Sign one of your browsers out")
def end_session(request: HttpRequest, session_id: int) -> Status[None]:
    user = current_user(request)
    actions.end_session(acting_user=actor_of(user), user=user, session_id=session_id)
    return Status(204, None)


class UserQuery(PageQuery):
    email: str = Field("", description="A part of the address.")
    text: str = Field("", max_length=120, description="A part of name or address.")
    role: str = Field("", description="Members with this role.")
    is_active: bool | None = None


@router.get("/users", response=UserPage, summary="All users (staff)")
def list_users(request: HttpRequest, query: Query[UserQuery]) -> UserPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    filters = query.model_dump(mode="json", exclude={"limit", "after"}, exclude_none=True)
    page = page_of(
        selectors.users(email=query.email, text=query.text, role=query.role, is_active=query.is_active),
        query,
        name="users",
        filters={name: str(value) for name, value in filters.items()},
    )
    return UserPage(data=[user_out(row) for row in page.rows], paging=page.paging)


@router.get("/users/{user_id}", response=UserOut, summary="One user (staff)")
def show_user(request: HttpRequest, user_id: str) -> UserOut:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return user_out(selectors.user_by_id(user_id))


@router.patch("/users/{user_id}", response=UserOut, summary="Switch a user off or on (operator, security officer)")
def change_user(request: HttpRequest, user_id: str, payload: UserChange) -> UserOut:
    user = current_user(request)
    require(user, Permission.SECURE)
    changed = actions.set_user_active(
        acting_user=actor_of(user),
        user=selectors.user_by_id(user_id),
        is_active=payload.is_active,
        reason=payload.reason,
    )
    return user_out(changed)
