from django.db import models

from mail.models.fields import MomentField


class Worker(models.Model):
    """A worker process that takes delivery attempts from the broker, as it last reported itself."""

    name = models.CharField(max_length=120, primary_key=True)
    slots = models.PositiveIntegerField()
    heartbeat = MomentField()


class RoleLease(models.Model):
    """Which process plays a role that only one may play, such as the dispatcher of a broker.

    `token` rises with each new holder: a holder that was away too long finds a higher one and stands down.
    """

    role = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=120)
    token = models.BigIntegerField(default=0)
    until = MomentField(default=0)
