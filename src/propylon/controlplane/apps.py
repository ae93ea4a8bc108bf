from django.apps import AppConfig


class ControlplaneConfig(AppConfig):
    name = "propylon.controlplane"
    default_auto_field = "django.db.models.BigAutoField"
