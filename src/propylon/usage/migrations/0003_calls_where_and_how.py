from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0002_calls_refused_when")]
    operations = [
        migrations.AddIndex(
            model_name="callrecord",
            index=models.Index(fields=["at", "environment", "refusal_code"], name="calls_where_and_how"),
        ),
        migrations.RemoveIndex(model_name="callrecord", name="calls_refused_when"),
    ]
