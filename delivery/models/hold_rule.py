from django.db import models

from mail.models import Account
from mail.models.fields import MomentField


class HoldRule(models.Model):
    """Holds the queued and future mail that matches all fields that are given; with none, all mail."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="hold_rules")
    sender_domain = models.CharField(
        max_length=255, blank=True, help_text="The domain of the envelope sender. Empty: any."
    )
    recipient_domain = models.CharField(max_length=255, blank=True, help_text="Empty: any.")
    reason = models.CharField(max_length=200, blank=True, help_text="Shown with each message that is held.")
    created = MomentField(editable=False)
    created_by = models.CharField(max_length=128, blank=True, editable=False)
    until = MomentField(null=True, blank=True, help_text="When the rule and its holds end by themselves.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        """What it holds: “mail of account alice to remote.example”."""
        parts = ["mail" if self.account_id or self.sender_domain or self.recipient_domain else "all mail"]
        if self.account is not None:
            parts.append(f"of account {self.account.name}")
        if self.sender_domain:
            parts.append(f"from {self.sender_domain}")
        if self.recipient_domain:
            parts.append(f"to {self.recipient_domain}")
        return " ".join(parts)
