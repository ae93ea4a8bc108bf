from django.apps import AppConfig


class AuthserverConfig(AppConfig):
    name = "propylon.authserver"
    default_auto_field = "django.db.models.BigAutoField"
