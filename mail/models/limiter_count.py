from django.db import models

from mail.models.fields import MomentField


class LimiterCount(models.Model):
    """How often something happened in one stretch of time, in all processes together (mail.limiter)."""

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=140)
    length = models.BigIntegerField(help_text="Of the stretch, in microseconds.")
    start = MomentField()
    count = models.IntegerField()
    updated = MomentField(db_index=True)
    expires = MomentField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "length", "start"], name="limiter_count_once")
        ]
