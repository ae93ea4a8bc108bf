"""`{% load calls %}`: where a call came from, and where it went."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

from propylon.authserver.console_tokens import is_console_token

register = template.Library()


@register.filter
def among(name: str, titles: Mapping[str, str]) -> str:
    """The title of an environment that still is there; else its name, and a dash for none."""
    return titles.get(name, name) or "\N{EN DASH}"


@register.filter
def is_from_console(jti: str) -> bool:
    """Was the call with this token made in the portal's call console, by a developer at a page?"""
    return is_console_token(jti)
