import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0012_may_ask_customers"),
        ("authserver", "0004_authorization_details"),
    ]

    operations = [
        migrations.CreateModel(
            name="BackchannelRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("subject", models.CharField(max_length=64)),
                ("scope", models.CharField(max_length=1000)),
                ("approval", models.CharField(max_length=80)),
                ("interval", models.PositiveIntegerField()),
                ("polled_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="applications.client"
                    ),
                ),
            ],
        ),
    ]
