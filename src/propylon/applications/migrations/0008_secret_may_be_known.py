from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0007_certificate_wish")]

    operations = [
        migrations.AddField(model_name="regeneration", name="may_be_known", field=models.BooleanField(default=False)),
    ]
