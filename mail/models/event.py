from django.db import models

from mail.models.account import Account
from mail.models.fields import MomentField


class Event(models.Model):
    """Something that happened in an account. Readers go on after the highest modseq they have seen.

    The account's row is locked while its modseq is drawn, so a reader never misses a lower number that
    is committed later.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="events", db_index=False)
    modseq = models.BigIntegerField()
    moment = MomentField()
    kind = models.CharField(max_length=20)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["account", "modseq"], name="event_by_cursor"),
            models.Index(fields=["moment"], name="event_by_age"),
        ]
