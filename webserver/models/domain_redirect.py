from django.db import models

from mail.addresses.domain import AddressError, display_domain, normalise_domain
from mail.configuration.rules.domains import sentence
from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, refuse


class DomainRedirect(Validated):
    """A domain whose requests all lead to another one, by https and with the same path and query."""

    from_domain = models.CharField(max_length=253, unique=True)
    to_domain = models.CharField(max_length=253)

    class Meta:
        ordering = ["from_domain"]

    def __str__(self) -> str:
        return f"{display_domain(self.from_domain)} → {display_domain(self.to_domain)}"

    def clean(self) -> None:
        """Both are domains, stored as A-labels, and differ."""
        problems = []
        for field in ("from_domain", "to_domain"):
            try:
                setattr(self, field, normalise_domain(getattr(self, field).strip()))
            except AddressError as error:
                problems.append(FieldProblem(field, sentence(str(error))))
        if not problems and self.from_domain == self.to_domain:
            problems.append(FieldProblem("to_domain", "A domain can’t be redirected to itself."))
        refuse(problems)
