from typing import Any

from django.db import migrations, models

import mail.models.fields

_WORDS = (
    "CREATE VIRTUAL TABLE mail_search USING fts5(traits, subject, sender, recipients, body, "
    "content = '', tokenize = 'unicode61 remove_diacritics 0')"
)


def create_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(_WORDS)
        return
    schema_editor.execute("ALTER TABLE mail_searchentry ADD COLUMN tokens tsvector")
    schema_editor.execute("CREATE INDEX search_by_token ON mail_searchentry USING gin (tokens)")
    schema_editor.execute("CREATE INDEX search_by_account ON mail_searchentry (account_id, id)")
    schema_editor.execute("CREATE INDEX message_starred ON mail_message (mailbox_id) WHERE flags & 4 <> 0")


def drop_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE mail_search")


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0007_staged_mailboxes"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", mail.models.fields.RowId(editable=False, primary_key=True, serialize=False)),
                ("account_id", models.BigIntegerField()),
                ("message_key", models.BigIntegerField()),
                ("words", models.BinaryField(default=b"")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account_id", "message_key"], name="search_by_message_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchProgress",
            fields=[
                ("mailbox_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("uid", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="message",
            name="thread",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["mailbox", "received", "uid"], name="message_by_arrival"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("thread__isnull", False)),
                fields=["thread", "mailbox", "received", "uid"],
                name="message_by_thread",
            ),
        ),
        migrations.RunPython(create_index, drop_index),
    ]
