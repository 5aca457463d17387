"""The rules of a model's fields, applied to values from a file."""

from django.core.exceptions import ValidationError
from django.db import models


def model_problems(row: models.Model, *, exclude: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Field and message of what the fields of an unsaved row, and its `clean`, have against its values.

    For models whose `clean` does not ask the database.
    """
    try:
        row.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return _listed(error)
    return []


def field_problems(row: models.Model, *, exclude: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Field and message of what the fields of an unsaved row have against its values."""
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        return _listed(error)
    return []


def _listed(error: ValidationError) -> list[tuple[str, str]]:
    return [(field, message) for field, messages in error.message_dict.items() for message in messages]
