"""`{% load calls %}`: where a call came from."""

from __future__ import annotations

from django import template

from propylon.authserver.console_tokens import is_console_token

register = template.Library()


@register.filter
def is_from_console(jti: str) -> bool:
    """Was the call with this token made in the portal's call console, by a developer at a page?"""
    return is_console_token(jti)
