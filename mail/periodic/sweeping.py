"""Removing what nothing refers to any more, now and then."""

from mail.periodic.registry import every
from mail.store.sweep import sweep
from mail.store.writer import writer


@every(minutes=5, name="sweep")
def sweep_store() -> None:
    """Unreferenced content and old events."""
    sweep(writer())
