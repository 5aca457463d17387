from typing import Any

from django.db import models, transaction

from mail.addresses.address import Address
from mail.configuration.address_removal import judged_removals
from mail.configuration.claims import claim_on
from mail.configuration.rules.addresses import conflict_message, localpart_form, localpart_problem
from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, lock_rows, refuse
from mail.models.destination import Destination
from mail.models.domain import Domain


class Alias(Validated):
    """An address whose mail goes to several accounts of this server."""

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="aliases")
    localpart = models.CharField(max_length=128)
    canonical_localpart = models.CharField(max_length=128, editable=False)
    members = models.ManyToManyField(Destination, through="AliasMember", related_name="aliases")
    post_public = models.BooleanField(
        default=False, help_text="Anybody may write to it. Off: only its members may."
    )
    list_members = models.BooleanField(default=False, help_text="Members see who the other members are.")
    allow_from = models.BooleanField(default=False, help_text="Members may send as this address.")

    class Meta:
        verbose_name_plural = "aliases"
        ordering = ["domain__name", "localpart"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "canonical_localpart"], name="one_alias_per_address")
        ]

    def __str__(self) -> str:
        return self.address.display()

    @property
    def address(self) -> Address:
        """The address that stands for its members."""
        return Address(self.localpart, self.domain.name)

    def clean(self) -> None:
        """Its address is free."""
        self.localpart = localpart_form(self.localpart)
        if self.domain_id is not None:
            self._refuse_unusable_address()

    def save(self, *args: Any, **options: Any) -> None:
        """Save; members may have sent as the address that changes, or may do so no longer."""
        with transaction.atomic(), judged_removals():
            super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Remove it. Raises ValidationError when mail that waits was sent as this address."""
        with transaction.atomic(), judged_removals():
            return super().delete(*args, **options)

    def _refuse_unusable_address(self) -> None:
        rules = self.domain.rules
        self.canonical_localpart = rules.canonical(self.localpart)
        problem = localpart_problem(self.localpart, rules)
        if not problem:
            claim = claim_on(self.domain, self.canonical_localpart, alias=self.pk)
            problem = conflict_message(self.localpart, claim, rules) if claim else ""
        if problem:
            refuse([FieldProblem("localpart", problem)])

    def validate_constraints(self, exclude: Any = None) -> None:
        """Equal addresses are found by `clean`, which says whose they are."""
        super().validate_constraints({*(exclude or ()), "canonical_localpart"})

    def lock_neighbours(self) -> None:
        """Nobody changes the domain's rules or claims the same address meanwhile."""
        lock_rows(Domain.objects.filter(pk=self.domain_id))


class AliasMember(Validated):
    """One address that an alias delivers to."""

    alias = models.ForeignKey(Alias, models.CASCADE, related_name="memberships")
    destination = models.ForeignKey(Destination, models.PROTECT, related_name="memberships")

    class Meta:
        verbose_name = "member"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["alias", "destination"], name="member_once_per_alias")]

    def __str__(self) -> str:
        return str(self.destination)

    def clean(self) -> None:
        """A member is an address, and a catchall is none."""
        if self.destination_id is not None and self.destination.is_catchall:
            refuse([FieldProblem("destination", "A catchall can't be a member: choose a single address.")])

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Take the member out. Raises ValidationError when mail that waits was sent by it as the alias."""
        with transaction.atomic(), judged_removals():
            return super().delete(*args, **options)
