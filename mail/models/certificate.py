from typing import Any

from django.db import models, transaction

from mail.configuration.certificate_sealing import open_certificate_key, seal_certificate_key
from mail.configuration.validated import Validated
from mail.models.fields import MomentField, StringListField


class Certificate(Validated):
    """A certificate that servers show to whoever asks for one of its names. The private key is sealed.

    `mail.configuration.certificates.store_certificate` makes rows of checked content.
    """

    class Source(models.TextChoices):
        """Who puts newer ones in place."""

        ACME = "acme", "obtained by ACME"
        OPERATOR = "operator", "given by the operator"

    names = StringListField(
        blank=False,
        help_text="Host names in A-label form, such as www.example.org or *.example.org.",
    )
    chain = models.TextField(help_text="The certificate and then those up to the authority's, as PEM.")
    private_key_sealed = models.BinaryField(default=b"", editable=False)
    source = models.CharField(max_length=8, choices=Source.choices)
    not_before = MomentField()
    not_after = MomentField()
    created = MomentField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return ", ".join(self.names)

    _new_private_key: bytes | None = None

    @property
    def private_key(self) -> bytes:
        """The private key as PEM. Raises mail.secrets.SealBroken."""
        return open_certificate_key(self) if self._new_private_key is None else self._new_private_key

    def set_private_key(self, private_key: bytes) -> None:
        """The private key as PEM, stored at the next `save`."""
        self._new_private_key = private_key

    def save(self, *args: Any, **options: Any) -> None:
        """Save, together with a new private key."""
        with transaction.atomic():
            super().save(*args, **options)
            if self._new_private_key is not None:
                self.private_key_sealed = seal_certificate_key(self, self._new_private_key)
                self._new_private_key = None
                Certificate.objects.filter(pk=self.pk).update(private_key_sealed=self.private_key_sealed)
