"""Scopes have a risk class."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_environment_demands_nonces")]

    operations = [
        migrations.AddField(
            model_name="scope", name="risk", field=models.CharField(default="normal", max_length=8)
        )
    ]
