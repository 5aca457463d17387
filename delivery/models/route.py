from django.db import models

from delivery.configuration.rules import stored_patterns
from delivery.models.transport import Transport
from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, refuse
from mail.models import Account, Domain
from mail.models.fields import StringListField


class Route(Validated):
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

    def clean(self) -> None:
        """The patterns can be read, and the rule belongs to one list."""
        problems = []
        for field in ("from_domains", "to_domains"):
            stored, wrong = stored_patterns(getattr(self, field))
            problems += [FieldProblem(field, message) for _, message in wrong]
            if not wrong:
                setattr(self, field, stored)
        if self.account_id is not None and self.domain_id is not None:
            problems.append(FieldProblem("", "A route belongs to an account or to a domain, not to both."))
        refuse(problems)
