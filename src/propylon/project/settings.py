"""Django's settings, from the environment. Every variable read here is listed in docs/reference/settings.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from propylon.gateway.node_bundle import host_and_port
from propylon.kernel.home import Home
from propylon.project.addresses import addresses
from propylon.project.database import databases
from propylon.project.home import default_home, django_secret_key
from propylon.project.key_ranges import read_ranges
from propylon.project.oauth_aliases import read_aliases
from propylon.project.traces import traces_from_environment

PROPYLON_HOME = Home(Path(os.environ.get("PROPYLON_HOME") or default_home()).resolve())
_ADDRESSES = addresses(PROPYLON_HOME)
PROPYLON_PUBLIC_PORT = _ADDRESSES.public_port
PROPYLON_MUTUAL_PORT = _ADDRESSES.mutual_port
PROPYLON_LISTEN_ADDRESS = _ADDRESSES.listen_address
PROPYLON_PUBLIC_URL = _ADDRESSES.public_url
PROPYLON_MUTUAL_URL = _ADDRESSES.mutual_url
PROPYLON_ISSUER_URL = _ADDRESSES.issuer_url
PROPYLON_ISSUER_MUTUAL_URL = _ADDRESSES.issuer_mutual_url
PROPYLON_ENVIRONMENT_URLS: dict[str, tuple[str, str]] = {
    name: (urls[0], urls[1]) for name, urls in _ADDRESSES.environment_urls.items()
}
PROPYLON_TRACES = traces_from_environment()
PROPYLON_NODES_ADDRESS = host_and_port(_ADDRESSES.nodes_address) if _ADDRESSES.nodes_address else None
PROPYLON_OAUTH_ALIASES = read_aliases(os.environ.get("PROPYLON_OAUTH_ALIASES", ""))
PROPYLON_REGISTRATION_BY_PARTNERS = os.environ.get("PROPYLON_REGISTRATION_BY_PARTNERS", "off") == "on"
PROPYLON_KEY_RANGES = read_ranges(os.environ.get("PROPYLON_KEY_RANGES", ""))
PROPYLON_KEY_CA = os.environ.get("PROPYLON_KEY_CA", "")
PROPYLON_HTTP3 = os.environ.get("PROPYLON_HTTP3", "off") == "on"
PROPYLON_HSTS_PRELOAD = os.environ.get("PROPYLON_HSTS_PRELOAD", "off") == "on"
PROPYLON_NODE = os.environ.get("PROPYLON_NODE", "node-1")
PROPYLON_SMTP_URL = os.environ.get("PROPYLON_SMTP_URL", "")  # empty: mails become files in the outbox folder
PROPYLON_MAIL_FROM = os.environ.get("PROPYLON_MAIL_FROM", f"no-reply@{urlsplit(PROPYLON_PUBLIC_URL).hostname}")
PROPYLON_CALL_RECORD_DAYS = int(os.environ.get("PROPYLON_CALL_RECORD_DAYS", "90"))
PROPYLON_MINUTE_COUNTS_DAYS = int(os.environ.get("PROPYLON_MINUTE_COUNTS_DAYS", "4"))
PROPYLON_HOUR_COUNTS_DAYS = int(os.environ.get("PROPYLON_HOUR_COUNTS_DAYS", "62"))
PROPYLON_DAY_COUNTS_DAYS = int(os.environ.get("PROPYLON_DAY_COUNTS_DAYS", "800"))
PROPYLON_LOGIN_SESSION_MINUTES = int(os.environ.get("PROPYLON_LOGIN_SESSION_MINUTES", "60"))  # 0: none
PROPYLON_LOGIN_SESSION_IDLE_MINUTES = int(os.environ.get("PROPYLON_LOGIN_SESSION_IDLE_MINUTES", "10"))

SECRET_KEY = django_secret_key(PROPYLON_HOME)
DEBUG = False
ALLOWED_HOSTS = ["*"]  # hosts are named in the gateway's routes; nothing here builds an address from Host
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("sv", "Svenska")]
LANGUAGE_COOKIE_NAME = "__Host-language"
LOCALE_PATHS = [Path(__file__).parent / "locale"]  # one file per language for all rooms
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600  # every address carries the hash of its content (propylon.design.assets)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "propylon.project.urls"
AUTH_USER_MODEL = "accounts.User"
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "propylon.design",
    "propylon.audit",
    "propylon.marks",
    "propylon.notifications",
    "propylon.accounts",
    "propylon.news",
    "propylon.customers",
    "propylon.catalog",
    "propylon.applications",
    "propylon.certificates",
    "propylon.authserver",
    "propylon.usage",
    "propylon.controlplane",
    "propylon.portal",
    "propylon.console",
    "allauth",  # after portal, whose templates stand in front of its own
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "propylon.project.middleware.tracking_id",
    "propylon.project.middleware.security_headers",
    "propylon.project.middleware.standard_refusals",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "propylon.accounts.idle_sessions.keep_alive",
    "django_htmx.middleware.HtmxMiddleware",
    "propylon.project.page_errors.page_refusals",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "propylon.design.context.page_facts",
                "propylon.portal.context.site_navigation",
            ]
        },
    }
]
DATABASES = databases(PROPYLON_HOME, os.environ.get("DATABASE_URL", ""))
DATABASE_ROUTERS = ["propylon.project.database.UsageRouter"]
PASSWORD_HASHERS = ["propylon.accounts.hashers.Argon2id"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
AUTHENTICATION_BACKENDS = ["propylon.accounts.sign_in_backend.PasswordBackend"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/apps"
LOGOUT_REDIRECT_URL = "/"
# django-allauth: docs/decisions/0011 says what it does and what the accounts room does.
ACCOUNT_ADAPTER = "propylon.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # a user exists only after their address is proven (accounts.actions.sign_up)
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_RATE_LIMITS = False  # they live in a process's memory; ours are in the database (accounts.attempts)
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_FORMS = {
    "login": "propylon.portal.account.forms.SignInForm",
    "reauthenticate": "propylon.portal.account.forms.ConfirmForm",
    "reset_password": "propylon.portal.account.forms.ForgottenForm",
    "reset_password_from_key": "propylon.portal.account.forms.NewPasswordForm",
    "change_password": "propylon.portal.account.forms.ChangePasswordForm",
}
MFA_ADAPTER = "propylon.accounts.adapter.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Propylon"
MFA_TOTP_TOLERANCE = 1  # clocks that differ by half a minute
MFA_RATE_LIMITS = False
MFA_FORMS = {
    "authenticate": "propylon.portal.account.forms.CodeForm",
    "reauthenticate": "propylon.portal.account.forms.ConfirmCodeForm",
    "activate_totp": "propylon.portal.account.forms.AddAppForm",
    "add_webauthn": "propylon.portal.account.forms.AddPasskeyForm",
    "edit_webauthn": "propylon.portal.account.forms.RenamePasskeyForm",
}
PASSWORD_RESET_TIMEOUT = 2 * 3600  # seconds
SESSION_COOKIE_AGE = 12 * 3600  # seconds without a request (accounts.idle_sessions)
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "propylon.project.page_errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_TRUSTED_ORIGINS = [PROPYLON_PUBLIC_URL, PROPYLON_ISSUER_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # set by Envoy, which alone reaches the socket
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
# More than the gateway lets in: an upload may hold a private key, which is to touch no disk.
FILE_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "propylon.project.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
