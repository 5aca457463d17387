import enum

from django.db import models

from mail.models.content import Content
from mail.models.fields import MomentField, RowId, StringListField
from mail.models.mailbox import Mailbox


class Flag(enum.IntFlag):
    """System flags of a message (RFC 9051 section 2.3.2)."""

    SEEN = 1
    ANSWERED = 2
    FLAGGED = 4
    DELETED = 8
    DRAFT = 16


class Message(models.Model):
    """A message in a mailbox: a prefix of its own, then the content it may share with others.

    `authentication` is what was found out about the sender of mail from other servers
    (mail.authentication.record); None when nothing was asked. `thread` is the conversation it belongs to
    (mail.search.threads); None until the message is indexed.
    """

    id = RowId()
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="contained", db_index=False)
    uid = models.BigIntegerField()
    modseq = models.BigIntegerField()
    created_modseq = models.BigIntegerField()
    content = models.ForeignKey(Content, models.PROTECT, related_name="messages")
    prefix = models.BinaryField(default=b"")
    size = models.BigIntegerField()
    received = MomentField()
    flags = models.IntegerField(default=0)
    keywords = StringListField()
    envelope_sender = models.TextField(default="")
    recipient = models.TextField(default="")
    authentication = models.JSONField(null=True)
    thread = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailbox", "uid"], name="uid_once_per_mailbox")]
        indexes = [
            models.Index(fields=["mailbox", "received", "uid"], name="message_by_arrival"),
            models.Index(
                fields=["thread", "mailbox", "received", "uid"],
                condition=models.Q(thread__isnull=False),
                name="message_by_thread",
            ),
        ]


class Tombstone(models.Model):
    """A message that was removed, so that others can learn of it (RFC 7162 section 3.2.10)."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="tombstones", db_index=False)
    uid = models.BigIntegerField()
    modseq = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["mailbox", "modseq"], name="tombstone_by_modseq")]
