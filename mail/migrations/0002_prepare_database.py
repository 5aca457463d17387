from typing import Any

from django.db import migrations

from mail.configuration.triggers import WatchTable


def seed(apps: Any, schema_editor: Any) -> None:
    apps.get_model("mail", "Generation").objects.create(id=1, number=0)
    apps.get_model("mail", "Sequence").objects.create(name="rows", next=1)


def tune_postgresql(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    # Compressing what is mostly base64 costs time and saves nothing.
    schema_editor.execute("ALTER TABLE mail_chunk ALTER COLUMN data SET STORAGE EXTERNAL")
    for table in ("mail_account_counters", "mail_mailbox", "mail_sequence"):
        schema_editor.execute(f"ALTER TABLE {table} SET (fillfactor = 50, autovacuum_vacuum_threshold = 200)")


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial")]

    operations = [
        migrations.RunPython(seed, migrations.RunPython.noop),
        migrations.RunPython(tune_postgresql, migrations.RunPython.noop),
        *[
            WatchTable(table)
            for table in (
                "mail_domain",
                "mail_account",
                "mail_destination",
                "mail_alias",
                "mail_aliasmember",
                "mail_loglevel",
            )
        ],
    ]
