"""django-allauth's views at our addresses, under the names by which it finds them itself: no namespace."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path, re_path, reverse_lazy

from propylon.portal.account import security_views
from propylon.portal.account.allauth_pages import as_page

_after_reset = reverse_lazy("account_login")
urlpatterns = [
    path("sign-in", as_page(account.login), name="account_login"),
    path("sign-in/code", as_page(second_step.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey", as_page(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("sign-out", as_page(account.logout), name="account_logout"),
    path("password/forgotten", as_page(account.password_reset), name="account_reset_password"),
    path("password/forgotten/sent", as_page(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)$",
        as_page(account.PasswordResetFromKeyView.as_view(success_url=_after_reset)),
        name="account_reset_password_from_key",
    ),
    path("account/confirm", as_page(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code", as_page(second_step.reauthenticate), name="mfa_reauthenticate"),
    path("account/confirm/passkey", as_page(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/security", security_views.security, name="mfa_index"),
    path("account/security/password", as_page(account.password_change), name="account_change_password"),
    path("account/security/app", as_page(totp.activate_totp), name="mfa_activate_totp"),
    path("account/security/app/remove", as_page(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/security/recovery-codes", as_page(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/security/recovery-codes/new",
        as_page(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/security/recovery-codes/download",
        as_page(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/security/passkeys", security_views.to_security, name="mfa_list_webauthn"),
    path("account/security/passkeys/new", as_page(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/security/passkeys/<int:pk>", as_page(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/security/passkeys/<int:pk>/remove", as_page(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
]
