from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("authserver", "0005_backchannel_requests")]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="made_by",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("count", models.PositiveIntegerField(default=0)),
                ("window_ends_at", models.DateTimeField(db_index=True)),
            ],
        ),
    ]
