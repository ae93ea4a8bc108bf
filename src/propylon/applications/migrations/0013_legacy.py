from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0012_may_ask_customers")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="legacy_ends_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="client",
            name="legacy_reason",
            field=models.CharField(blank=True, default="", max_length=400),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                condition=models.Q(("legacy_ends_at__isnull", False)),
                fields=["legacy_ends_at"],
                name="clients_with_legacy",
            ),
        ),
    ]
