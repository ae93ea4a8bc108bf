from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("applications", "0011_authorization_details_types")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="may_ask_customers",
            field=models.BooleanField(default=False),
        ),
    ]
