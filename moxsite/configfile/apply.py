"""Making the changes of a plan: all of them or none."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from mail.configfile.section import Change
from mail.configuration.address_removal import judged_removals
from mail.configuration.generation import lock_generation
from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot
from moxsite.configfile.plan import ConfigurationChanged, Plan
from moxsite.configfile.sections import SECTIONS


class ApplyFailed(Exception):
    """A change could not be made, although the file was right. Nothing was changed."""


def apply_plan(plan: Plan) -> None:
    """Make the configuration what the file of the plan says, in one transaction.

    Raises ConfigurationChanged when it is no longer the one that the plan was made for, ApplyFailed when
    the result would not be what the file says or could not be used.
    """
    if plan.problems:
        raise ValueError("a file with problems can't be applied")
    with transaction.atomic():
        if lock_generation() != plan.generation:
            raise ConfigurationChanged
        make_changes(plan)
        _check_result(plan)


def make_changes(plan: Plan) -> None:
    """Make the changes of a plan in their order, in the caller's transaction. Raises ApplyFailed."""
    try:
        with judged_removals():
            for change in sorted(plan.changes, key=lambda change: change.phase):
                _make(change)
    except ValidationError as error:
        raise ApplyFailed(" ".join(error.messages)) from error


def _make(change: Change) -> None:
    try:
        change.make()
    except ValidationError as error:
        raise ApplyFailed(f"{change.text}: {' '.join(error.messages)}") from error
    except ProtectedError as error:
        raise ApplyFailed(f"{change.text}: it is still in use") from error


def _check_result(plan: Plan) -> None:
    for section, wanted in zip(SECTIONS, plan.wanted, strict=True):
        if section.stored() != wanted:
            raise ApplyFailed("the result differs from the file; nothing was changed")
    try:
        compile_snapshot()
    except InvalidConfiguration as error:
        raise ApplyFailed(str(error)) from error
