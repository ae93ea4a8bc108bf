"""Who is at a page of the console: the program's staff looks, and whose role allows it changes.

@staff_page            GET, for everybody of the staff
@staff_form(APPROVE)   GET for everybody of the staff, POST for who may (a page that shows something and changes it)
@staff_only(SECURE)    GET and POST for who may (a page that is nothing but a form)
@staff_change(SECURE)  POST only
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from propylon.accounts.access import permissions_of, require
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.kernel.errors import Kind, PropylonError

View = Callable[..., HttpResponseBase]
_SAFE = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Can:
    """What the person may do: which buttons a page has. The views ask again."""

    manage: bool  # products, environments, organizations, secrets
    approve: bool
    secure: bool  # marks, revocations, switching users off
    applications: bool
    members: bool


def staff_user(request: HttpRequest) -> User:
    """The person of the session; the decorators have seen to it that there is one."""
    if not isinstance(request.user, User):
        raise PropylonError("console.sign_in.required", "Sign in to see this page.", kind=Kind.UNAUTHENTICATED)
    return request.user


def can(user: User) -> Can:
    granted = permissions_of(user)
    return Can(
        manage=Permission.MANAGE_PROGRAM in granted,
        approve=Permission.APPROVE in granted,
        secure=Permission.SECURE in granted,
        applications=Permission.MANAGE_APPLICATIONS in granted,
        members=Permission.MANAGE_MEMBERS in granted,
    )


def staff_page(view: View) -> View:
    return require_safe(_guarded(view, Permission.VIEW_PROGRAM, Permission.VIEW_PROGRAM))


def staff_form(permission: Permission) -> Callable[[View], View]:
    methods = require_http_methods(["GET", "HEAD", "POST"])
    return lambda view: methods(_guarded(view, Permission.VIEW_PROGRAM, permission))


def staff_only(permission: Permission) -> Callable[[View], View]:
    methods = require_http_methods(["GET", "HEAD", "POST"])
    return lambda view: methods(_guarded(view, permission, permission))


def staff_change(permission: Permission) -> Callable[[View], View]:
    return lambda view: require_POST(_guarded(view, permission, permission))


def _guarded(view: View, to_look: Permission, to_change: Permission) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            back = request.get_full_path() if request.method in _SAFE else "/console"
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': back})}", status=303)
        # Asked of no organization: a partner's own roles count for nothing here.
        require(staff_user(request), to_look if request.method in _SAFE else to_change)
        return view(request, *args, **kwargs)

    return guarded
