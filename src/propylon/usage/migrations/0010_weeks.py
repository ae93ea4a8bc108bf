"""Counts per week, from those per day."""

import django.db.models.deletion
import orjson
from django.db import migrations, models

from propylon.usage import latency
from propylon.usage.counts import Counts, Grain

_SUMS = ("calls", "refused", "errors", "failed", "duration_ms", "bytes_received", "bytes_sent")


def add_days_up(apps, schema_editor):
    alias = schema_editor.connection.alias
    days, weeks = (apps.get_model("usage", name).objects.using(alias) for name in ("DayCounts", "WeekCounts"))
    for series in apps.get_model("usage", "Series").objects.using(alias).values_list("pk", flat=True):
        found = {}
        for row in days.filter(series_id=series):
            counts = found.setdefault(Grain.WEEK.start(row.start), Counts())
            sums = [getattr(row, name) for name in _SUMS]
            counts.add(Counts(*sums, orjson.loads(bytes(row.codes)), latency.from_bytes(bytes(row.latency))))
        for start, counts in found.items():
            weeks.create(
                series_id=series,
                start=start,
                codes=orjson.dumps(counts.codes),
                latency=latency.to_bytes(counts.latency),
                **{name: getattr(counts, name) for name in _SUMS},
            )


def lay_in_order(apps, schema_editor):
    """As the other counts: usage 0007."""
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'usage_weekcounts'")
            (made_by,) = cursor.fetchone()
            cursor.execute("DROP TABLE usage_weekcounts")
            cursor.execute(f"{made_by} WITHOUT ROWID")


class Migration(migrations.Migration):
    dependencies = [("usage", "0009_calls_of_grants")]

    operations = [
        migrations.CreateModel(
            name="WeekCounts",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series_id", "start", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("start", models.PositiveBigIntegerField()),
                *((name, models.PositiveBigIntegerField()) for name in _SUMS),
                ("codes", models.BinaryField()),
                ("latency", models.BinaryField()),
                (
                    "series",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="usage.series",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunPython(lay_in_order, migrations.RunPython.noop),
        migrations.RunPython(add_days_up, migrations.RunPython.noop),
    ]
