"""Environments say whether DPoP proofs must carry a nonce (RFC 9449, 8)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_authorization_details")]

    operations = [
        migrations.AddField(
            model_name="environment",
            name="demands_nonces",
            field=models.BooleanField(default=False),
        )
    ]
