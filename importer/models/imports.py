from django.db import models

from mail.models import Account
from mail.models.fields import MomentField


class State(models.TextChoices):
    """Where an import stands. A worker scans and runs; the others wait for a person or are ends."""

    UPLOADING = "uploading", "uploading"
    SCANNING = "scanning", "reading"
    READY = "ready", "ready"
    RUNNING = "running", "running"
    DONE = "done", "done"
    ABORTED = "aborted", "aborted"
    UNDONE = "undone", "undone"


class Duplicates(models.TextChoices):
    """What becomes of a message that its mailbox holds already."""

    SKIP = "skip", "leave it out"
    KEEP = "keep", "bring it in all the same"
    MERGE = "merge", "leave it out, but add its flags and keywords to the one that is there"


class Import(models.Model):
    """A file or folder of mail on its way into an account.

    `mapping` leads from folders of the source to mailboxes; an empty name leaves a folder out. `position` is
    the ordinal of the last message that is settled: a run that was broken off goes on behind it. `last_seq`
    numbers the events. Who runs it holds the lease; each write names its token.
    """

    token = models.CharField(max_length=32, unique=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="imports")
    state = models.CharField(max_length=10, choices=State.choices)
    by_command = models.BooleanField(default=False)
    name = models.TextField()
    path = models.TextField()
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    created = MomentField()
    touched = MomentField()
    started = MomentField(null=True)
    finished = MomentField(null=True)
    preview_wanted = models.BooleanField(default=False)
    preview = models.JSONField(null=True)
    duplicates = models.CharField(max_length=5, choices=Duplicates.choices, default=Duplicates.SKIP)
    prefix = models.TextField(default="")
    mapping = models.JSONField(default=dict)
    lease_token = models.BigIntegerField(default=0)
    lease_until = MomentField(default=0)
    position = models.BigIntegerField(default=0)
    messages = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    merged = models.BigIntegerField(default=0)
    problems = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField(default=0)
    outcome = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["scanning", "running"]),
                name="import_by_lease",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in (State.DONE, State.ABORTED, State.UNDONE)
