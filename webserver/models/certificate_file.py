import os

from django.db import models

from mail.addresses.domain import AddressError, normalise_domain
from mail.configuration.rules.domains import sentence
from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, refuse


class CertificateFile(Validated):
    """Files with the certificate that browsers get for a host, or for all hosts of one more label.

    Whether they can be read is found out by the edge, which may run as another user than who writes this.
    """

    name = models.CharField(
        max_length=255, unique=True, help_text="Such as www.example.org or *.example.org."
    )
    cert_file = models.CharField(max_length=1000, help_text="The certificate and its chain, as PEM.")
    key_file = models.CharField(max_length=1000, help_text="Its private key, as PEM.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The name is one that a certificate can be for, as A-labels; files have full paths."""
        problems = []
        try:
            self.name = normalise_pattern(self.name)
        except AddressError as error:
            problems.append(FieldProblem("name", sentence(str(error))))
        for field in ("cert_file", "key_file"):
            if not os.path.isabs(getattr(self, field)):
                problems.append(FieldProblem(field, "It must be a full path that begins with /."))
        refuse(problems)


def normalise_pattern(name: str) -> str:
    """A domain, or *. and a domain, as A-labels. Raises AddressError."""
    wildcard, _, domain = name.strip().rpartition("*.")
    if wildcard:
        raise AddressError("a wildcard stands for the first label alone")
    return ("*." if name.strip().startswith("*.") else "") + normalise_domain(domain)
