from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0008_secret_may_be_known")]

    operations = [
        migrations.AddField(
            model_name="client", name="public_keys", field=models.JSONField(blank=True, default=list)
        ),
    ]
