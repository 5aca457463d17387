from django.db import models

from mail.models.account import Account
from mail.models.fields import RowId


class SpecialUse(models.TextChoices):
    """What a mailbox is for (RFC 6154)."""

    NONE = "", "none"
    INBOX = "inbox", "Inbox"
    SENT = "sent", "Sent"
    DRAFTS = "drafts", "Drafts"
    ARCHIVE = "archive", "Archive"
    JUNK = "junk", "Junk"
    TRASH = "trash", "Trash"


class Mailbox(models.Model):
    """A folder of an account. Levels of its name are divided by “/”.

    Without an account it is hidden from everybody: mail that is being brought in, or on its way out.
    """

    id = RowId()
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="mailboxes", db_index=False)
    name = models.CharField(max_length=200)
    special_use = models.CharField(max_length=8, choices=SpecialUse.choices, blank=True)
    subscribed = models.BooleanField(default=True)
    uidvalidity = models.BigIntegerField()
    next_uid = models.BigIntegerField(default=1)
    modseq = models.BigIntegerField(default=0)
    messages = models.BigIntegerField(default=0)
    unseen = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "mailboxes"
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="mailbox_name_once")]

    def __str__(self) -> str:
        return self.name
