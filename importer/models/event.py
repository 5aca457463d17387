from django.db import models

from importer.models.imports import Import
from mail.models.fields import MomentField


class ImportEvent(models.Model):
    """What people see of an import as it happens. Readers go on after the highest `seq` they have seen."""

    owner = models.ForeignKey(Import, models.CASCADE, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    moment = MomentField()
    kind = models.CharField(max_length=10)
    data = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "seq"], name="import_event_once")]
