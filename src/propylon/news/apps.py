from django.apps import AppConfig


class NewsConfig(AppConfig):
    name = "propylon.news"
    default_auto_field = "django.db.models.BigAutoField"
