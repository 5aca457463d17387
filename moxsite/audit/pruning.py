"""Forgetting changes that are long past."""

from typing import Final

from mail import clock
from mail.periodic.registry import every
from moxsite.models import AuditEntry

KEPT: Final = 3 * 365 * clock.DAY

_AT_ONCE: Final = 1000


@every(minutes=24 * 60, name="prune audit log")
def prune_audit_log() -> None:
    """In pieces, so that nobody waits."""
    before = clock.now() - KEPT
    while ids := list(AuditEntry.objects.filter(moment__lt=before).values_list("pk", flat=True)[:_AT_ONCE]):
        AuditEntry.objects.filter(pk__in=ids).delete()
