"""Where customers may be sent after RP-initiated logout."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0014_end_users"), ("authserver", "0007_sign_ins")]

    operations = [
        migrations.CreateModel(
            name="LogoutAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uri", models.CharField(max_length=2000)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="logout_addresses",
                        to="applications.client",
                    ),
                ),
            ],
        )
    ]
