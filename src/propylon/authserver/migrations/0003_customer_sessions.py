from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("authserver", "0002_dpop_keys")]

    operations = [
        migrations.CreateModel(
            name="CustomerSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("environment", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=64)),
                ("begun_at", models.DateTimeField()),
                ("used_at", models.DateTimeField()),
            ],
        ),
    ]
