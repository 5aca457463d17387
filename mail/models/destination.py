from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from mail.addresses.address import Address, Catchall
from mail.configuration.address_removal import judged_removals, release_from_aliases
from mail.configuration.claims import catchall_owner, claim_on
from mail.configuration.rules.addresses import (
    catchall_message,
    conflict_message,
    localpart_form,
    localpart_problem,
)
from mail.configuration.rules.mailboxes import INBOX, mailbox_name, mailbox_name_problem
from mail.configuration.rules.problem import FieldProblem
from mail.configuration.rules.smtp_error import smtp_error_problem
from mail.configuration.validated import Validated, lock_rows, refuse
from mail.models.account import Account
from mail.models.domain import Domain


class Destination(Validated):
    """An address whose mail an account receives, or all of a domain's other addresses (catchall)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="destinations")
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="destinations")
    is_catchall = models.BooleanField(default=False)
    localpart = models.CharField(max_length=128, blank=True)
    canonical_localpart = models.CharField(max_length=128, blank=True, editable=False)
    mailbox = models.CharField(
        max_length=200, default="Inbox", help_text="Where its mail is put. Created when it is missing."
    )
    smtp_error = models.CharField(
        "refuse with",
        max_length=256,
        blank=True,
        help_text="If set, mail is refused: 550 or 421, then a text, such as “550 no such user”.",
    )

    class Meta:
        ordering = ["domain__name", "is_catchall", "localpart"]
        constraints = [
            models.UniqueConstraint(
                fields=["domain", "canonical_localpart", "is_catchall"], name="one_destination_per_address"
            )
        ]

    def __str__(self) -> str:
        return self.address.display()

    @property
    def address(self) -> Address | Catchall:
        """What it is the destination of."""
        return Catchall(self.domain.name) if self.is_catchall else Address(self.localpart, self.domain.name)

    def clean(self) -> None:
        """Its address is free, and its mailbox and refusal can be used."""
        self.mailbox = mailbox_name(self.mailbox)
        messages = {
            "mailbox": mailbox_name_problem(self.mailbox),
            "smtp_error": smtp_error_problem(self.smtp_error, self.mailbox, INBOX),
        }
        if self.domain_id is not None:
            messages["localpart"] = self._catchall_problem() if self.is_catchall else self._address_problem()
        refuse([FieldProblem(field, message) for field, message in messages.items() if message])

    def save(self, *args: Any, **options: Any) -> None:
        """Save; an address that changes or moves to another account is taken from the one that had it."""
        stored = None if self._state.adding else Destination.objects.filter(pk=self.pk).first()
        if stored is None:
            super().save(*args, **options)
            return
        with transaction.atomic(), judged_removals(stored.account_id):
            super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Remove it, from aliases too.

        Raises ValidationError when an alias would lose its last member, or mail that waits its owner.
        """
        number = self.pk
        try:
            with transaction.atomic(), judged_removals(self.account_id):
                release_from_aliases(self)
                return super().delete(*args, **options)
        except ValidationError:
            self.pk = number  # it is there still
            raise

    def validate_constraints(self, exclude: Any = None) -> None:
        """Equal addresses are found by `clean`, which says whose they are."""
        super().validate_constraints({*(exclude or ()), "canonical_localpart"})

    def lock_neighbours(self) -> None:
        """Nobody changes the domain's rules or claims the same address meanwhile."""
        lock_rows(Domain.objects.filter(pk=self.domain_id))

    def _catchall_problem(self) -> str:
        self.localpart = self.canonical_localpart = ""
        if self.pk is not None and self.memberships.exists():
            return "It is a member of an alias, which a catchall can't be: take it out of the alias first."
        owner = catchall_owner(self.domain, destination=self.pk)
        return catchall_message(self.domain.name, f"account {owner}") if owner else ""

    def _address_problem(self) -> str:
        rules = self.domain.rules
        self.localpart = localpart_form(self.localpart)
        self.canonical_localpart = rules.canonical(self.localpart)
        if problem := localpart_problem(self.localpart, rules):
            return problem
        claim = claim_on(self.domain, self.canonical_localpart, destination=self.pk)
        return conflict_message(self.localpart, claim, rules) if claim else ""
