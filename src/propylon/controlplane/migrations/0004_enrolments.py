from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('controlplane', '0003_marks_counted'),
    ]

    operations = [
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('enrolled_at', models.DateTimeField()),
                ('fingerprint', models.CharField(max_length=64)),
                ('issued_at', models.DateTimeField()),
                ('not_after', models.DateTimeField()),
                ('previous_fingerprint', models.CharField(blank=True, max_length=64)),
                ('previous_ends_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
    ]
