from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0010_signed_requests"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="authorization_details_types",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
