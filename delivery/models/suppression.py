from django.db import models

from mail.models import Account
from mail.models.fields import MomentField


class Suppression(models.Model):
    """An address to which an account's mail is not sent any more, and why.

    `localpart` is the base form that all spellings of the address share; `address` is the one that was seen.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="suppressions")
    localpart = models.CharField(max_length=128)
    domain = models.CharField(max_length=255)
    address = models.CharField(max_length=400)
    reason = models.TextField(blank=True)
    automatic = models.BooleanField(default=False)
    created = MomentField(editable=False)

    class Meta:
        ordering = ["-created", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "localpart", "domain"], name="suppressed_once")
        ]

    def __str__(self) -> str:
        return self.address
