from contextlib import nullcontext
from typing import Any

from django.db import models, transaction

from mail.configuration.address_removal import judged_removals
from mail.configuration.claims import domain_change_problems, recanonicalise, same_reading
from mail.configuration.rules.domains import DomainRules, domain_name, separator_problems
from mail.configuration.validated import Validated, lock_rows, refuse
from mail.models.fields import StringListField


class Domain(Validated):
    """A domain whose mail this server receives."""

    name = models.CharField(
        max_length=253,
        unique=True,
        help_text="Such as example.org. International names may be typed as they are read.",
    )
    localpart_separators = StringListField(
        help_text="What follows the first of these in a localpart is ignored: with “+”, "
        "alice+shop@ belongs to alice@. Several are possible.",
    )
    localpart_case_sensitive = models.BooleanField(
        "case-sensitive localparts",
        default=False,
        help_text="Off: Alice@ and alice@ are the same address, as everybody expects.",
    )
    disabled = models.BooleanField(
        default=False,
        help_text="Mail from and to this domain is refused for now; senders try again later.",
    )
    dmarc_reject = models.BooleanField(
        "refuse what DMARC rejects",
        default=True,
        db_default=True,
        help_text="Mail that claims to be from a domain, fails its checks and shall be rejected by the policy"
        " of that domain (DMARC) is refused. Off: it is put into Junk. Accounts may differ.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> DomainRules:
        """How this domain reads localparts."""
        separators = tuple(self.localpart_separators)
        return DomainRules(
            self.name, separators, self.localpart_case_sensitive, self.disabled, self.dmarc_reject
        )

    def clean(self) -> None:
        """The name, the separators, and whether the addresses there are still fit both."""
        self.name, problems = domain_name(self.name)
        problems += separator_problems(
            self.localpart_separators, case_sensitive=self.localpart_case_sensitive
        )
        if not problems and self._reads_differently():
            problems += domain_change_problems(self)
        refuse(problems)

    def lock_neighbours(self) -> None:
        """Nobody adds an address by the old rules meanwhile."""
        lock_rows(Domain.objects.filter(pk=self.pk))

    def save(self, *args: Any, **options: Any) -> None:
        """Save, and give the addresses of the domain the canonical localparts of its new rules.

        A new name takes all addresses at the old one from their accounts.
        """
        with transaction.atomic():
            changed, renamed = self._reads_differently(), self._is_renamed()
            with judged_removals() if renamed else nullcontext():
                super().save(*args, **options)
            if changed:
                recanonicalise(self)

    def _reads_differently(self) -> bool:
        stored = self._stored()
        return stored is not None and not same_reading(stored.rules, self.rules)

    def _is_renamed(self) -> bool:
        stored = self._stored()
        return stored is not None and stored.name != domain_name(self.name)[0]

    def _stored(self) -> "Domain | None":
        return None if self._state.adding else Domain.objects.filter(pk=self.pk).first()
