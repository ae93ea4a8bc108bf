from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0008_parts")]

    operations = [
        migrations.AddIndex(
            model_name="callrecord",
            index=models.Index(
                fields=["grant_id", "at"], condition=models.Q(("grant_id", ""), _negated=True), name="calls_of_grants"
            ),
        ),
    ]
