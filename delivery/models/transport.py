from typing import Any

from django.core.validators import RegexValidator
from django.db import models, transaction

from delivery.configuration.passwords import open_password, seal_password
from delivery.configuration.proxies import in_use_text, named_proxy, row_problems, transports_behind
from delivery.configuration.rules import find_kind, kind_problem, settings_problems
from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, lock_rows, refuse


class Transport(Validated):
    """A named way of handing mail to the next hop. Without a kind it is plain direct delivery."""

    name = models.CharField(
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
                "Use letters, digits, dots, hyphens and underscores, beginning with a letter or digit.",
            )
        ],
        help_text="Routes refer to it by this name.",
    )
    kind = models.CharField(max_length=20, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    password_sealed = models.BinaryField(default=b"", editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    _new_password: str | None = None

    @property
    def password(self) -> str:
        """The password for the relay, empty if there is none.

        Raises mail.secrets.SealBroken when it was sealed with another secret key.
        """
        return open_password(self) if self._new_password is None else self._new_password

    def set_password(self, password: str) -> None:
        """Change the password at the next `save`; the empty one removes it."""
        self._new_password = password

    @property
    def has_password(self) -> bool:
        """Whether there is a password, without opening it."""
        return bool(self.password_sealed if self._new_password is None else self._new_password)

    def changing_secrets(self) -> tuple[str, ...]:
        """The password, once another one is set."""
        return () if self._new_password is None else ("password",)

    def clean(self) -> None:
        """The kind exists and can use the settings."""
        kind = find_kind(self.kind)
        if kind is None:
            refuse([FieldProblem("kind", kind_problem(self.kind))])
            return
        # Whether there is a password matters to a kind, not which: a broken seal is no reason to refuse.
        password = self._new_password or ("*" if self.has_password else "")
        problems = settings_problems(kind, self.settings, password)
        refuse([FieldProblem("settings", f"{each.field}: {each.message}") for each in problems])
        refuse(row_problems(self))

    def lock_neighbours(self) -> None:
        """The proxy stays what it is meanwhile, and nobody begins to use this row as one."""
        lock_rows(Transport.objects.filter(models.Q(pk=self.pk) | models.Q(name=named_proxy(self.settings))))

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        """Raises ProtectedError while other transports are reached through this one."""
        with transaction.atomic():
            lock_rows(Transport.objects.filter(pk=self.pk))
            if behind := transports_behind(self.name):
                raise models.ProtectedError(in_use_text(self.name, behind), set(behind))
            return super().delete(*args, **options)

    def save(self, *args: Any, **options: Any) -> None:
        """Save, together with a new password."""
        with transaction.atomic():
            super().save(*args, **options)
            if self._new_password is not None:
                self.password_sealed = seal_password(self, self._new_password)
                self._new_password = None
                Transport.objects.filter(pk=self.pk).update(password_sealed=self.password_sealed)
