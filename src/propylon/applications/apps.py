from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "propylon.applications"
    default_auto_field = "django.db.models.BigAutoField"
