"""What is wrong with a database that commands can't use, in a sentence with the next step."""

from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor


def explanation(error: BaseException) -> str | None:
    """Why a command failed with this error, if the reason is the database as a whole; else None."""
    if not isinstance(error, DatabaseError):
        return None
    try:
        connection.close()
        executor = MigrationExecutor(connection)
        applied = executor.loader.applied_migrations
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as unreachable:
        if isinstance(unreachable, OperationalError):
            reason = " ".join(str(unreachable).split()).rstrip("?.")
            return f"The database can't be used: {reason}. Check DATABASE_URL and MOXSITE_DATA."
        return None
    if not applied:
        return (
            f"There is nothing in the database yet ({_place()}). A new server is set up by “manage.py "
            "quickstart”; for one that exists, name its folder in MOXSITE_DATA."
        )
    if waiting:
        return (
            f"The database ({_place()}) is that of an older version. Stop serve, make a backup, and run "
            "“manage.py prepare”; serve does the last by itself."
        )
    return None


def _place() -> str:
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(values["NAME"])
    return f"{values['NAME']} at {values['HOST'] or 'a local socket'}"
