from django.db import models

from mail.models import Account
from mail.models.fields import MomentField, RowId


class RecentRecipient(models.Model):
    """A recipient that an account's message was accepted for, once for each message.

    Those of the last 24 hours count for the limit on messages; older ones are removed.
    """

    id = RowId()
    account = models.ForeignKey(Account, models.CASCADE, related_name="recent_recipients", db_index=False)
    moment = MomentField()
    localpart = models.CharField(max_length=128)
    domain = models.CharField(max_length=255)

    class Meta:
        indexes = [models.Index(fields=["account", "moment"], name="recent_recipients_of_account")]


class KnownRecipient(models.Model):
    """An address that an account has written to, and when it first did. Kept as long as the account.

    Those whose first time is within the last 24 hours count for the limit on first-time recipients.
    """

    id = RowId()
    account = models.ForeignKey(Account, models.CASCADE, related_name="known_recipients", db_index=False)
    localpart = models.CharField(max_length=128)
    domain = models.CharField(max_length=255)
    first = MomentField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "localpart", "domain"], name="known_recipient_once")
        ]
        indexes = [models.Index(fields=["account", "first"], name="known_recipients_by_first_time")]


class LimitNotice(models.Model):
    """That an account came near a limit or reached it, and that its owner was told so.

    `level` is the percentage of the limit that was reached. `used` and `allowed` are recipients, for the
    quota bytes.
    """

    class Kind(models.TextChoices):
        """What is limited."""

        MESSAGES = "messages", "outgoing messages"
        RECIPIENTS = "recipients", "first-time recipients"
        QUOTA = "quota", "quota"

    account = models.ForeignKey(Account, models.CASCADE, related_name="limit_notices", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    level = models.PositiveSmallIntegerField()
    moment = MomentField()
    used = models.BigIntegerField()
    allowed = models.BigIntegerField()

    class Meta:
        ordering = ["-moment", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "level"], name="limit_notice_once_per_level")
        ]
