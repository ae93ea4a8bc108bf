from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "propylon.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from propylon.accounts import language_choice, sign_in_events

        sign_in_events.connect()
        language_choice.connect()
