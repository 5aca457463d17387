from typing import Any

from django.db import models, transaction

from mail.configuration.dkim_sealing import open_private_key, seal_private_key
from mail.configuration.rules.dkim import selector_form
from mail.configuration.validated import Validated, refuse
from mail.dkim.record import record_name, record_text
from mail.models.domain import Domain
from mail.models.fields import MomentField


class DkimKey(Validated):
    """A key that signs the mail of a domain, under a selector (RFC 6376). The private key is sealed."""

    class Algorithm(models.TextChoices):
        RSA = "rsa-2048", "RSA 2048"
        ED25519 = "ed25519", "Ed25519"

    class State(models.TextChoices):
        """A prepared key waits for its record to be published; the record of a retired one still serves."""

        PREPARED = "prepared", "prepared"
        SIGNING = "signing", "signing"
        RETIRED = "retired", "retired"

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="dkim_keys")
    selector = models.CharField(max_length=190)
    algorithm = models.CharField(max_length=8, choices=Algorithm.choices)
    private_key_sealed = models.BinaryField(default=b"", editable=False)
    public_key = models.BinaryField(editable=False)
    state = models.CharField(max_length=8, choices=State.choices)
    created = MomentField()
    retired = MomentField(null=True, blank=True)

    class Meta:
        verbose_name = "DKIM key"
        ordering = ["domain__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "selector"], name="dkim_selector_once_per_domain")
        ]

    def __str__(self) -> str:
        return self.dns_name

    _new_private_key: bytes | None = None

    @property
    def dns_name(self) -> str:
        """Where the record of the public key is looked up."""
        return record_name(self.selector, self.domain.name)

    @property
    def dns_record(self) -> str:
        """The text of that record, in one piece."""
        return record_text(self.algorithm, bytes(self.public_key))

    @property
    def private_key(self) -> bytes:
        """The private key in DER (PKCS #8). Raises mail.secrets.SealBroken."""
        return open_private_key(self) if self._new_private_key is None else self._new_private_key

    def set_private_key(self, private_key: bytes) -> None:
        """The private key in DER (PKCS #8), stored at the next `save`."""
        self._new_private_key = private_key

    def changing_secrets(self) -> tuple[str, ...]:
        """The private key, once there is a new one."""
        return () if self._new_private_key is None else ("private_key",)

    def clean(self) -> None:
        """The selector is one that DNS can find."""
        if self.domain_id is not None:
            self.selector, problems = selector_form(self.selector, self.domain.name)
            refuse(problems)

    def save(self, *args: Any, **options: Any) -> None:
        """Save, together with a new private key."""
        with transaction.atomic():
            super().save(*args, **options)
            if self._new_private_key is not None:
                self.private_key_sealed = seal_private_key(self, self._new_private_key)
                self._new_private_key = None
                DkimKey.objects.filter(pk=self.pk).update(private_key_sealed=self.private_key_sealed)
