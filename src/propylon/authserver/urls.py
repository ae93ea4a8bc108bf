"""Addresses of the authorization server, except the token endpoint, which is an application of its own."""

from __future__ import annotations

from django.urls import path

from propylon.authserver.authorize_views import authorize, consent, login
from propylon.authserver.back_channel_views import ask, introspect, push, revoke
from propylon.authserver.end_session_views import end_session_endpoint
from propylon.authserver.login_pages import PROVIDER_PATH
from propylon.authserver.metadata_views import jwks, metadata_document
from propylon.authserver.password_views import password
from propylon.authserver.provider_views import CALLBACK_PATH, back_to_application, come_back, leave
from propylon.authserver.registration_views import configuration, register
from propylon.authserver.second_step_views import second_step
from propylon.authserver.userinfo_views import userinfo
from propylon.customers.password_links import PATH as PASSWORD_PATH
from propylon.oauth.metadata import REGISTER

urlpatterns = [
    path(".well-known/oauth-authorization-server", metadata_document),
    path(".well-known/openid-configuration", metadata_document),
    path("oauth/jwks", jwks),
    path("oauth/authorize", authorize),
    path("oauth/login", login),
    path(PROVIDER_PATH.removeprefix("/"), leave),
    path(CALLBACK_PATH.removeprefix("/"), come_back),
    path("oauth/login/back", back_to_application),
    path(PASSWORD_PATH.removeprefix("/"), password),
    path("oauth/consent", consent),
    path("oauth/second-step", second_step),
    path("oauth/end-session", end_session_endpoint),
    path("oauth/par", push),
    path("oauth/bc-authorize", ask),
    path("oauth/revoke", revoke),
    path("oauth/introspect", introspect),
    path("oauth/userinfo", userinfo),
    path(REGISTER.removeprefix("/"), register),
    path(f"{REGISTER.removeprefix('/')}/<str:client_id>", configuration),
]
