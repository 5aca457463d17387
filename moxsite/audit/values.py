"""The values of a row as the log shows them: as texts and numbers, secrets masked."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.db import models

MASKED: Final = "•••"
LONGEST: Final = 1000
"""Characters of one value that are kept."""

_SECRET: Final = re.compile(
    r"password(?!_file)|secret|sealed|token|basic_auth|verifier|private|_key$|salt|hash", re.ASCII
)
_IN_URL: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def row_values(row: models.Model) -> dict[str, Any]:
    """Every column of a row. Rows it refers to are told by their names."""
    return {field.name: _shown(field, row) for field in row._meta.concrete_fields if not field.primary_key}


def masked(name: str, value: Any) -> Any:
    """A value that may be shown under this name, whole or in parts."""
    if isinstance(value, bytes | bytearray | memoryview) or _SECRET.search(name.lower()):
        return MASKED if value else None
    if isinstance(value, Mapping):
        return {str(key): masked(str(key), each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(name, each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    text = _IN_URL.sub(MASKED, str(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _shown(field: "models.Field[Any, Any]", row: models.Model) -> Any:
    if isinstance(field, models.ForeignKey):
        try:
            related = getattr(row, field.name)
        except ObjectDoesNotExist:  # it was removed in the same breath
            return field.value_from_object(row)
        return None if related is None else str(related)[:LONGEST]
    return masked(field.name, field.value_from_object(row))
