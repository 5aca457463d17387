from django.db import models

from mail.models import Login
from mail.models.fields import MomentField


class SecondFactor(models.Model):
    """What a login must show besides its password on the web: a code of an app (TOTP, RFC 6238)."""

    login = models.OneToOneField(Login, models.CASCADE, related_name="second_factor")
    secret_sealed = models.BinaryField()
    created = MomentField()
    confirmed = MomentField(null=True, help_text="When a first code was right; until then none is asked for.")
    last_step = models.BigIntegerField(default=0, help_text="Of the code used last: none is good twice.")

    def __str__(self) -> str:
        return f"of {self.login.name}"


class RecoveryCode(models.Model):
    """A code that is good once, for whoever has lost the app. Only a keyed hash is stored."""

    factor = models.ForeignKey(SecondFactor, models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32)
    used = MomentField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "digest"], name="recovery_code_once")]
