from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "propylon.certificates"
    default_auto_field = "django.db.models.BigAutoField"
