"""Questions that customers answer elsewhere than in the asking application, and what slows the askers down."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("customers", "0002_accounts")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="customer",
            name="email",
            field=models.EmailField(blank=True, default="", max_length=254),
        ),
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.CharField(max_length=40, unique=True)),
                ("environment", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=64)),
                ("client_id", models.CharField(db_index=True, max_length=40)),
                ("application", models.CharField(max_length=80)),
                ("organization", models.CharField(max_length=200)),
                ("organization_id", models.CharField(max_length=40)),
                ("allows", models.JSONField(default=list)),
                ("binding_message", models.CharField(blank=True, max_length=100)),
                ("asked_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("answer", models.CharField(blank=True, max_length=10)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("authenticated_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["environment", "subject", "expires_at"], name="approvals_waiting")],
            },
        ),
        migrations.CreateModel(
            name="AskThrottle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("asked", models.PositiveIntegerField(default=0)),
                ("window_ends_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
