"""An application's operations of a day become one row; on SQLite, counts lie in the order of their key."""

import django.db.models.deletion
import orjson
from django.db import migrations, models

from propylon.usage import day_operations, latency
from propylon.usage.counts import Counts

_IN_ORDER = ("usage_minutecounts", "usage_hourcounts", "usage_daycounts", "usage_versioncalls")
_NAMES = ("environment", "product", "version", "operation")


def lay_in_order(apps, schema_editor):
    """Without row ids, a series' counts are neighbours in the file: a page that reads 90 days reads a piece of it.

    A later migration that makes Django build one of these tables anew has to call this again.
    """
    if schema_editor.connection.vendor != "sqlite":
        return
    with schema_editor.connection.cursor() as cursor:
        for name in _IN_ORDER:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [name])
            (made_by,) = cursor.fetchone()
            if made_by.endswith("WITHOUT ROWID"):
                continue
            cursor.execute(f'ALTER TABLE "{name}" RENAME TO "{name}_old"')
            cursor.execute(f"{made_by} WITHOUT ROWID")
            cursor.execute(f'INSERT INTO "{name}" SELECT * FROM "{name}_old" ORDER BY series_id, start')
            cursor.execute(f'DROP TABLE "{name}_old"')


def move_operations(apps, schema_editor):
    """From a row for each application, operation and day."""
    alias = schema_editor.connection.alias
    series, days, operations, versions = (
        apps.get_model("usage", name).objects.using(alias)
        for name in ("Series", "DayCounts", "DayOperations", "VersionCalls")
    )
    old = series.filter(kind="application_operation")
    places = {tuple(getattr(row, name) for name in _NAMES): row.pk for row in series.filter(kind="operation")}
    of_version = {
        tuple(getattr(row, name) for name in _NAMES[:3]): row.pk for row in series.filter(kind="product")
    }
    for owner in series.filter(kind="application").order_by("pk"):
        found = {}
        for one in old.filter(application=owner.application, environment=owner.environment):
            place = tuple(getattr(one, name) for name in _NAMES)
            for row in days.filter(series_id=one.pk):
                sums = {"duration_ms": row.duration_ms, "bytes_received": row.bytes_received, "bytes_sent": row.bytes_sent}
                counts = Counts(**sums, latency=latency.from_bytes(bytes(row.latency)))
                for code, calls in orjson.loads(bytes(row.codes)).items():
                    counts.add_code(code, calls)
                found.setdefault(row.start, {})[places[place]] = counts
                known, _ = versions.get_or_create(
                    series_id=of_version[place[:3]],
                    start=row.start,
                    application=one.application,
                    defaults={"calls": 0, "last": row.start},
                )
                versions.filter(series_id=known.series_id, start=row.start, application=one.application).update(
                    calls=known.calls + row.calls
                )
            days.filter(series_id=one.pk).delete()
        old.filter(application=owner.application, environment=owner.environment).delete()
        for start, of_day in found.items():
            operations.create(series_id=owner.pk, start=start, operations=day_operations.to_bytes(of_day))


def unpack_waiting(apps, schema_editor):
    """What waited to be added up was cells of sums: each call of one has the middle of its bucket as its duration."""
    for batch in apps.get_model("usage", "PendingCounts").objects.using(schema_editor.connection.alias):
        places, callers, codes = {}, {}, {}
        columns = [[] for _ in range(7)]
        for cell in orjson.loads(bytes(batch.counted)):
            start, environment, product, version, operation, application = cell[:6]
            calls, received, sent, ended, durations = cell[6], cell[11], cell[12], cell[13], cell[14]
            place = places.setdefault((environment, product, version, operation), len(places))
            caller = callers.setdefault((environment, application), len(callers))
            columns[0] += [place] * calls
            columns[1] += [caller] * calls
            for code, count in ended.items():
                columns[2] += [codes.setdefault(code, len(codes))] * count
            columns[3] += [start] * calls
            for bucket, count in durations:
                columns[4] += [latency.middle_of(bucket)] * count
            columns[5] += [received] + [0] * (calls - 1)
            columns[6] += [sent] + [0] * (calls - 1)
        batch.counted = orjson.dumps([list(places), list(callers), list(codes), columns])
        batch.save(update_fields=["counted"])


class Migration(migrations.Migration):
    dependencies = [("usage", "0006_downtime")]

    operations = [
        migrations.CreateModel(
            name="DayOperations",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series_id", "start", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("start", models.PositiveBigIntegerField()),
                ("operations", models.BinaryField()),
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
        ),
        migrations.CreateModel(
            name="DayCalls",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.PositiveBigIntegerField()),
                ("calls", models.PositiveIntegerField()),
                ("packed", models.BinaryField()),
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
            options={"indexes": [models.Index(fields=["series", "start", "calls"], name="calls_of_day")]},
        ),
        migrations.CreateModel(
            name="VersionCalls",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "series_id",
                        "start",
                        "application",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("start", models.PositiveBigIntegerField()),
                ("application", models.CharField(blank=True, max_length=40)),
                ("calls", models.PositiveBigIntegerField()),
                ("last", models.PositiveBigIntegerField()),
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
        ),
        migrations.RunPython(move_operations, migrations.RunPython.noop),
        migrations.RunPython(unpack_waiting, migrations.RunPython.noop),
        migrations.RunPython(lay_in_order, migrations.RunPython.noop),
    ]
