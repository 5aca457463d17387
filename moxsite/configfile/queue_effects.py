"""What a file would do to mail that waits: its changes are made in a transaction that is taken back."""

from django.db import transaction

from delivery.queue.preview import Effects, effects_now, present_ways
from mail.configuration.snapshot import InvalidConfiguration
from moxsite.configfile.apply import make_changes
from moxsite.configfile.plan import Plan


def queue_effects(plan: Plan) -> list[str]:
    """A line for each way that changes. Nothing is changed.

    Raises ApplyFailed when a change could not be made.
    """
    present = present_ways() if plan.changes else None
    if present is None:
        return []
    with transaction.atomic():
        make_changes(plan)
        try:
            effects = effects_now(present)
        except InvalidConfiguration:
            effects = None  # applying says what is wrong
        transaction.set_rollback(True)
    return [] if effects is None else _lines(effects)


def _lines(effects: Effects) -> list[str]:
    lines = [str(effect) for effect in effects.effects]
    if lines and effects.looked_at < effects.waiting:
        lines.append(f"only {effects.looked_at} of {effects.waiting} queued recipients were looked at")
    return lines
