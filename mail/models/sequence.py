from django.db import models


class Sequence(models.Model):
    """The next free number of a kind of row; processes reserve blocks of it (mail.store.ids)."""

    name = models.CharField(max_length=40, primary_key=True)
    next = models.BigIntegerField(default=1)
