"""How a customer signed in: at the request, and kept with the grant (RFC 9470)."""

from django.db import migrations, models


def _acr() -> models.CharField:
    return models.CharField(blank=True, default="", max_length=120)


class Migration(migrations.Migration):
    dependencies = [("authserver", "0006_legacy")]

    operations = [
        migrations.AddField(model_name="grant", name="acr", field=_acr()),
        migrations.AddField(model_name="grant", name="amr", field=models.JSONField(blank=True, default=list)),
        migrations.AddField(
            model_name="grant", name="signed_in_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(model_name="authorizationrequest", name="acr", field=_acr()),
        migrations.AddField(
            model_name="authorizationrequest", name="amr", field=models.JSONField(blank=True, default=list)
        ),
        migrations.AddField(
            model_name="authorizationrequest",
            name="step_digest",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="authorizationrequest", name="step_failures", field=models.PositiveIntegerField(default=0)
        ),
    ]
