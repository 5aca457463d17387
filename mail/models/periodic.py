from django.db import models

from mail.models.fields import MomentField


class PeriodicJob(models.Model):
    """When a job that comes round again is due next; a worker that runs it pushes the moment ahead first."""

    name = models.CharField(max_length=60, primary_key=True)
    due = MomentField(default=0)
    lease_token = models.BigIntegerField(default=0)
    lease_until = MomentField(default=0)
    last_finished = MomentField(null=True)
    last_error = models.TextField(default="")
