from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0009_public_keys")]

    operations = [
        migrations.AddField(
            model_name="client", name="requires_signed_requests", field=models.BooleanField(default=False)
        ),
    ]
