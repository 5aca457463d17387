import zlib

from django.db import models

from mail.models.fields import MomentField


class ConfigurationVersion(models.Model):
    """The configuration as it was at one generation, as `config export` writes it: without secrets."""

    generation = models.BigIntegerField(unique=True)
    moment = MomentField("since")
    packed = models.BinaryField(help_text="The text in UTF-8, compressed (zlib).")
    added = models.IntegerField(help_text="Lines that the version before did not have.")
    removed = models.IntegerField(help_text="Lines of the version before that are gone.")

    class Meta:
        ordering = ["-generation"]

    def __str__(self) -> str:
        return f"generation {self.generation}"

    @property
    def text(self) -> str:
        """The file."""
        return zlib.decompress(bytes(self.packed)).decode()

    @text.setter
    def text(self, value: str) -> None:
        self.packed = zlib.compress(value.encode())
