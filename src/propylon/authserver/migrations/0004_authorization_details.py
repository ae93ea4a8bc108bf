from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("authserver", "0003_customer_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="accounts",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="grant",
            name="authorization_details",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AlterField(
            model_name="authorizationcode",
            name="scope",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="grant",
            name="scope",
            field=models.CharField(blank=True, max_length=1000),
        ),
        migrations.AlterField(
            model_name="refreshtoken",
            name="scope",
            field=models.CharField(blank=True, max_length=1000),
        ),
    ]
