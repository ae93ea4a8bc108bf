"""django-allauth's views at our addresses, under the names by which it finds them itself: no namespace."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import path

from propylon.portal.account.allauth_pages import as_page

urlpatterns = [
    path("sign-in", as_page(account.login), name="account_login"),
    path("sign-out", as_page(account.logout), name="account_logout"),
    path("account/confirm", as_page(account.reauthenticate), name="account_reauthenticate"),
]
