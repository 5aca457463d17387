from django.db import models

from delivery.models.queued import QueuedRecipient
from mail.models.fields import MomentField, RowId


class Attempt(models.Model):
    """One try to deliver to one recipient, with the reason for the way it took and how it ended."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "running"
        DELIVERED = "delivered", "delivered"
        TEMPORARY = "temporary", "tried again later"
        PERMANENT = "permanent", "refused"

    id = RowId()
    recipient = models.ForeignKey(QueuedRecipient, models.CASCADE, related_name="attempt_log")
    number = models.PositiveIntegerField()
    started = MomentField()
    duration = models.BigIntegerField(default=0)
    rule = models.TextField(default="")
    transport = models.CharField(max_length=64, blank=True)
    host = models.CharField(max_length=255, blank=True)
    ip = models.CharField(max_length=45, blank=True)
    tls = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.RUNNING)
    stage = models.CharField(max_length=12, blank=True)
    code = models.PositiveIntegerField(default=0)
    enhanced = models.CharField(max_length=12, blank=True)
    text = models.TextField(default="")
    policy = models.CharField(max_length=40, blank=True, db_default="")
    """What TLS had to be: opportunistic, required, mta-sts, dane … ; empty before a host was known."""
    tries = models.JSONField(default=list, db_default=[])
    """The hosts that were tried, in order: host, port, ip, failure, seconds."""

    class Meta:
        ordering = ["id"]
