from django.db import models
from django.db.models import Q

from mail.models import Account, Content
from mail.models.fields import MomentField, RowId


class State(models.TextChoices):
    """Where a recipient of an accepted message stands."""

    WAITING = "waiting", "waiting"
    DELIVERED = "delivered", "delivered"
    FAILED = "failed", "failed"
    DROPPED = "dropped", "dropped"


class TlsDemand(models.TextChoices):
    """What a sender or an admin demands of the way to a recipient."""

    NONE = "", "as configured"
    REQUIRED = "required", "verified TLS and REQUIRETLS, or no delivery (RFC 8689)"
    OPTIONAL = "optional", "delivery matters more than TLS (TLS-Required: No)"


class QueuedMessage(models.Model):
    """A message that an account submitted, for the queue and for the sent page.

    Its content goes when the last recipient is settled; what the sent page shows stays.
    """

    id = RowId()
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, related_name="queued_messages", db_index=False
    )
    login = models.CharField(max_length=128, blank=True)
    session = models.CharField(max_length=20, blank=True)
    remote_ip = models.CharField(max_length=45, blank=True)
    tls = models.CharField(max_length=60, blank=True)
    accepted = MomentField()
    sender_localpart = models.CharField(max_length=128, blank=True)
    sender_domain = models.CharField(max_length=255, blank=True)
    content = models.ForeignKey(Content, models.PROTECT, null=True, related_name="queued_messages")
    prefix = models.BinaryField(default=b"")
    size = models.BigIntegerField()
    eight_bit = models.BooleanField(default=False)
    smtputf8 = models.BooleanField(default=False)
    subject = models.TextField(default="")
    message_id = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["account", "accepted"], name="queued_by_account")]


class QueuedRecipient(models.Model):
    """One recipient of a queued message: the unit that is leased, attempted and settled.

    While `lease_until` lies ahead (by the database's clock) the worker with `lease_token` owns the row, and
    `due` lies no earlier, so that nobody looks at it. `due` is null when the recipient is settled. `lane`
    shares the workers out: the recipient domain, or the transport that an admin demanded.
    """

    id = RowId()
    message = models.ForeignKey(QueuedMessage, models.CASCADE, related_name="recipients")
    localpart = models.CharField(max_length=128)
    domain = models.CharField(max_length=255)
    lane = models.CharField(max_length=260)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    due = MomentField(null=True)
    held = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    maximum_attempts = models.PositiveIntegerField(default=8)
    expires = MomentField()
    transport = models.CharField(max_length=64, blank=True)
    lease_token = models.BigIntegerField(default=0)
    lease_until = MomentField(default=0)
    settled = MomentField(null=True)
    last_reply = models.TextField(default="")
    local_account = models.CharField(max_length=64, blank=True)
    tls_demand = models.CharField(max_length=8, blank=True, choices=TlsDemand.choices, db_default="")
    hold_reason = models.TextField(blank=True, db_default="")
    held_until = MomentField(null=True)
    """When a hold ends by itself; None: when somebody ends it."""
    dialled = models.JSONField(default=dict, db_default={})
    """The addresses that took a connection in earlier attempts, in order, by host name."""

    class Meta:
        indexes = [
            models.Index(
                fields=["lane", "due"], condition=Q(state="waiting", held=False), name="queue_by_lane"
            ),
            models.Index(fields=["due"], condition=Q(state="waiting", held=False), name="queue_by_due"),
            models.Index(
                fields=["expires"], condition=Q(state="waiting", held=False), name="queue_by_expiry"
            ),
            # With lane and token in it, leases are counted without looking at their rows.
            models.Index(
                fields=["lease_until", "lane", "lease_token"],
                condition=Q(lease_token__gt=0),
                name="queue_by_lease",
            ),
            models.Index(fields=["held_until"], condition=Q(state="waiting", held=True), name="queue_held"),
            models.Index(fields=["domain", "localpart"], name="queue_by_recipient"),
            models.Index(
                fields=["settled", "state"], condition=Q(settled__isnull=False), name="queue_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.localpart}@{self.domain}"
