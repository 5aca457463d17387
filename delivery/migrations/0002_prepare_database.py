from typing import Any

from django.db import migrations

from mail.configuration.triggers import WatchTable


def tune_postgresql(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        "ALTER TABLE delivery_queuedrecipient SET "
        "(fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500)"
    )


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial"), ("mail", "0002_prepare_database")]

    operations = [
        migrations.RunPython(tune_postgresql, migrations.RunPython.noop),
        WatchTable("delivery_transport"),
        WatchTable("delivery_route"),
    ]
