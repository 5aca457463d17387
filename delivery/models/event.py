from django.db import models

from delivery.models.queued import QueuedRecipient
from mail.models.fields import MomentField, RowId


class QueueEvent(models.Model):
    """Something that people or rules did to a queued recipient, for its timeline.

    Attempts are not here: they have rows of their own.
    """

    class Kind(models.TextChoices):
        HELD = "held", "held"
        RELEASED = "released", "released"
        RETRIED = "retried", "to be tried at once"
        RESCHEDULED = "rescheduled", "rescheduled"
        TRANSPORT = "transport", "transport set"
        TLS = "tls", "TLS demand set"
        FAILED = "failed", "given up by hand"
        DROPPED = "dropped", "dropped"
        SUPPRESSED = "suppressed", "on the suppression list"
        NOTICE = "notice", "sender was told"

    id = RowId()
    recipient = models.ForeignKey(QueuedRecipient, models.CASCADE, related_name="events")
    moment = MomentField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    by = models.CharField(max_length=128, blank=True)
    """The login that did it; empty for a rule or the program itself."""
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
