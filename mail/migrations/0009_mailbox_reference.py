"""PostgreSQL looks after the mailboxes of messages where a reference can break, and not at each message.

A foreign key is checked for each row that gets another mailbox, which took a third of the time in which an
import shows its messages. Whoever puts a message into a mailbox changes the mailbox's row in the same
transaction, and so knows that it is there and keeps it there. What is left to be watched is the removal of
a mailbox.
"""

from typing import Any

from django.db import migrations

_DROP = """
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT conname FROM pg_constraint WHERE contype = 'f'
    AND conrelid = 'mail_message'::regclass AND confrelid = 'mail_mailbox'::regclass
  LOOP EXECUTE 'ALTER TABLE mail_message DROP CONSTRAINT ' || quote_ident(found.conname); END LOOP;
END $$"""
_FUNCTION = """
CREATE FUNCTION mail_mailbox_is_empty() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM mail_message WHERE mailbox_id = OLD.id) THEN
    RAISE foreign_key_violation USING MESSAGE = 'mailbox ' || OLD.id || ' is removed but holds messages';
  END IF;
  RETURN NULL;
END $$"""
_TRIGGER = """
CREATE CONSTRAINT TRIGGER mailbox_is_empty AFTER DELETE ON mail_mailbox DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION mail_mailbox_is_empty()"""
_RESTORE = """
ALTER TABLE mail_message ADD CONSTRAINT mail_message_mailbox_id_fk_mail_mailbox_id
FOREIGN KEY (mailbox_id) REFERENCES mail_mailbox (id) DEFERRABLE INITIALLY DEFERRED"""


def watch_removals(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in (_DROP, _FUNCTION, _TRIGGER):
            schema_editor.execute(statement)


def check_each_message(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER mailbox_is_empty ON mail_mailbox")
        schema_editor.execute("DROP FUNCTION mail_mailbox_is_empty()")
        schema_editor.execute(_RESTORE)


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0008_search"),
    ]

    operations = [
        migrations.RunPython(watch_removals, check_each_message),
    ]
