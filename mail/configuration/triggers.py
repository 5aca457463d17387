"""Triggers that count the configuration's generation up.

They stand in the database, so that no bulk update, shell or script can change the configuration
unnoticed. A later migration that makes Django rebuild a table on SQLite must add its triggers again;
a test compares the triggers present with `watched`.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_BUMP = "UPDATE mail_generation SET number = number + 1;"
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION mail_bump_generation() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {_BUMP} RETURN NULL; END $$"
)


class WatchTable(Operation):
    """Migration operation: from now on every change of `table` counts as a configuration change."""

    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "sqlite":
            for event in ("INSERT", "UPDATE", "DELETE"):
                schema_editor.execute(
                    f"CREATE TRIGGER {self.table}_{event.lower()}_bump AFTER {event} ON {self.table} "
                    f"BEGIN {_BUMP} END"
                )
        else:
            schema_editor.execute(_FUNCTION)
            schema_editor.execute(
                f"CREATE TRIGGER {self.table}_bump AFTER INSERT OR UPDATE OR DELETE ON {self.table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION mail_bump_generation()"
            )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "sqlite":
            for event in ("insert", "update", "delete"):
                schema_editor.execute(f"DROP TRIGGER {self.table}_{event}_bump")
        else:
            schema_editor.execute(f"DROP TRIGGER {self.table}_bump ON {self.table}")

    def describe(self) -> str:
        return f"Count changes of {self.table} as configuration changes"


class WatchRebuiltTable(WatchTable):
    """Migration operation: put back the triggers of a watched table that an operation before it rebuilt.

    Django rebuilds a table on SQLite when a column is added that is never null, and the triggers of the old
    table go with it. Elsewhere they stay and nothing is done.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "sqlite":
            return
        for event in ("insert", "update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.table}_{event}_bump")
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        pass
