from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "propylon.portal"
