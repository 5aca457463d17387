
from django.core.validators import RegexValidator
from django.db import models


class Transport(models.Model):
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
