"""Configuration rows that can't be saved in a wrong state."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import connection, models, transaction

from mail.configuration.rules.problem import FieldProblem


class Validated(models.Model):
    """Base of all configuration: every `save` validates first, in the transaction that writes.

    The pages, the configuration file and programs so meet the same rules, which stand in `clean`. What goes
    around `save` (bulk changes, SQL) is not checked; it still counts as a change of the configuration, and a
    snapshot that can't be compiled from it is refused.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        """Validate and write the whole row, since validation may normalise any field.

        Raises ValidationError, and then nothing is written.
        """
        options["update_fields"] = None
        with transaction.atomic():
            self.lock_neighbours()
            self.full_clean()
            super().save(*args, **options)

    def changing_secrets(self) -> tuple[str, ...]:
        """Names of secrets that the next `save` changes, though no column of the row shows it yet."""
        return ()

    def lock_neighbours(self) -> None:
        """Lock what other writers would have to change to make this row wrong between check and commit."""

    def full_clean(self, exclude: Any = None, *args: Any, **options: Any) -> None:
        """Validate. What is wrong with a field that a form does not show is said about the row as a whole."""
        hidden = frozenset(exclude or ())
        try:
            super().full_clean(exclude, *args, **options)
        except ValidationError as error:
            raise ValidationError(_shown(error.update_error_dict({}), hidden)) from None


def lock_rows(rows: models.QuerySet[Any]) -> None:
    """Lock rows until the transaction ends. SQLite has one lock for everything, which is held already."""
    if connection.features.has_select_for_update:
        list(rows.select_for_update())


def refuse(problems: list[FieldProblem]) -> None:
    """Raise ValidationError if there are problems."""
    if problems:
        found: dict[str, list[str]] = {}
        for problem in problems:
            found.setdefault(problem.field or NON_FIELD_ERRORS, []).append(problem.message)
        raise ValidationError(found)


def _shown(errors: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for field, messages in errors.items():
        shown.setdefault(NON_FIELD_ERRORS if field in hidden else field, []).extend(messages)
    return shown
