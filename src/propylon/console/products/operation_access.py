"""The choices of what a call of an operation needs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

# (words, is_public, requires_certificate) of each choice.
ACCESS = {
    "token": (gettext_lazy("Token with its scopes"), False, False),
    "certificate": (gettext_lazy("Token and client certificate"), False, True),
    "public": (gettext_lazy("Open to everybody"), True, False),
}


def access_of(is_public: bool, requires_certificate: bool) -> str:
    return next(name for name, (_, *flags) in ACCESS.items() if flags == [is_public, requires_certificate])
