import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_bounds_and_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="scope",
            name="asks_accounts",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="DetailType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                ("title", models.CharField(max_length=200)),
                ("schema", models.JSONField()),
                ("account_member", models.CharField(blank=True, max_length=60)),
                ("created_at", models.DateTimeField()),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="detail_types", to="catalog.product"
                    ),
                ),
                (
                    "scope",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="detail_types",
                        to="catalog.scope",
                    ),
                ),
                ("versions", models.ManyToManyField(related_name="detail_types", to="catalog.productversion")),
            ],
        ),
    ]
