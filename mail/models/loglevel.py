import re

from django.db import models

from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, refuse
from mail.log.levels import LEVELS

_PACKAGE = re.compile(r"\w+(\.\w+)*", re.ASCII)


class LogLevel(Validated):
    """How much is logged, for one package or (with an empty package) by default."""

    package = models.CharField(
        max_length=100, unique=True, blank=True, help_text="Such as delivery.queue. Empty: all others."
    )
    level = models.CharField(max_length=10, choices=[(name, name) for name in LEVELS])

    class Meta:
        ordering = ["package"]

    def __str__(self) -> str:
        return f"{self.package or 'default'}: {self.level}"

    def clean(self) -> None:
        """The package is a dotted name, such as loggers have."""
        if self.package and not _PACKAGE.fullmatch(self.package):
            refuse([FieldProblem("package", "Name a package, such as delivery.queue.")])
