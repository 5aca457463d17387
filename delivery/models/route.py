from django.db import models

from delivery.models.transport import Transport
from mail.models import Account, Domain
from mail.models.fields import StringListField


class Route(models.Model):
    """A rule that picks the transport of a delivery attempt: of an account, of a sender domain, or global.

    Lists are walked in the order of `position`; the first rule that matches wins.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="routes")
    domain = models.ForeignKey(Domain, models.CASCADE, null=True, blank=True, related_name="routes")
    position = models.PositiveIntegerField(default=0)
    from_domains = StringListField(
        help_text="Domains of the envelope sender. “.example.org” means the domain and all below it. "
        "None: any."
    )
    to_domains = StringListField(help_text="Domains of the recipient, in the same way. None: any.")
    minimum_attempts = models.IntegerField(
        default=0, help_text="Attempts already made. 3: from the 4th attempt on."
    )
    transport = models.ForeignKey(Transport, models.PROTECT, related_name="routes")

    class Meta:
        ordering = ["account_id", "domain_id", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__isnull=True) | models.Q(domain__isnull=True),
                name="route_of_account_or_domain",
            )
        ]

    def __str__(self) -> str:
        senders = ", ".join(self.from_domains) or "anybody"
        recipients = ", ".join(self.to_domains) or "anywhere"
        return f"{senders} to {recipients} through {self.transport}"
