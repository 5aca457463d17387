"""Column types that Django lacks."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class RowId(models.BigIntegerField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A 64-bit primary key that the program draws itself (mail.store.ids).

    On SQLite it is the row's own number: no second index, and no AUTOINCREMENT bookkeeping.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("primary_key", True)
        options.setdefault("editable", False)
        super().__init__(**options)

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "integer" if connection.vendor == "sqlite" else "bigint"

    def rel_db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bigint"


class MomentField(models.BigIntegerField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A moment: microseconds since the epoch, UTC (mail.clock)."""


class StringListField(models.JSONField):
    """A list of strings, empty by default."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("default", list)
        options.setdefault("blank", True)
        super().__init__(*args, **options)
