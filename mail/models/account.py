from typing import Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction

from mail.configuration.rules.lines import line_problems
from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, refuse
from mail.identity.following import follow_account, login_name_taken

UNLIMITED = -1


class Account(Validated):
    """A person or purpose with mailboxes, addresses, routes and limits."""

    name = models.CharField(
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$",
                "Use lower-case letters, digits, dots, hyphens and underscores.",
            )
        ],
        help_text="Short and lasting, such as alice. It is not an address.",
    )
    full_name = models.CharField(max_length=200, blank=True, help_text="As recipients read it.")
    max_outgoing_messages_per_day = models.IntegerField(
        default=1000,
        validators=[MinValueValidator(UNLIMITED)],
        help_text="Counted per recipient over the last 24 hours; stops a stolen password. -1: unlimited.",
    )
    max_first_time_recipients_per_day = models.IntegerField(
        default=200,
        validators=[MinValueValidator(UNLIMITED)],
        help_text="Recipients never written to before, over the last 24 hours. -1: unlimited.",
    )
    quota_mb = models.PositiveIntegerField(
        "quota in MB", default=0, help_text="How much mail it may keep. 0: as much as fits."
    )
    cram_md5 = models.BooleanField(
        "CRAM-MD5",
        default=False,
        help_text="Allows an old login method whose stored secret is as good as the password.",
    )
    login_disabled = models.CharField(
        max_length=256,
        blank=True,
        help_text="If set, nobody can log in to this account and this text says why. Mail still arrives.",
    )
    dmarc_reject = models.BooleanField(
        "refuse what DMARC rejects",
        null=True,
        blank=True,
        help_text="For the addresses of this account. Unknown: as their domains say.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Texts for one line, and a name for its login that no other login has."""
        problems = line_problems(full_name=self.full_name, login_disabled=self.login_disabled)
        if login_name_taken(self):
            message = f"There is a login named {self.name} that is not this account's."
            problems.append(FieldProblem("name", message))
        refuse(problems)

    def save(self, *args: Any, **options: Any) -> None:
        """Save; the login takes part in a new name and forgets CRAM-MD5 secrets when they are forbidden."""
        with transaction.atomic():
            stored = None if self._state.adding else Account.objects.filter(pk=self.pk).first()
            super().save(*args, **options)
            if stored is not None:
                follow_account(self, stored.name)


class AccountCounters(models.Model):
    """What changes with every message. Apart from the account, which is configuration."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="counters")
    modseq = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    next_uidvalidity = models.BigIntegerField(default=1)

    class Meta:
        db_table = "mail_account_counters"
