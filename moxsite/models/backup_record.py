from django.db import models

from mail.models.fields import MomentField


class BackupRecord(models.Model):
    """A backup that was made of this database, for the admin's start page."""

    moment = MomentField()
    folder = models.CharField(max_length=500)
    size = models.BigIntegerField(help_text="Bytes of all files.")
    messages = models.BigIntegerField()

    class Meta:
        ordering = ["-moment", "-id"]

    def __str__(self) -> str:
        return self.folder
