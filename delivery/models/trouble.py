from django.db import models

from mail.models.fields import MomentField


class TransportTrouble(models.Model):
    """A transport that fails before it takes any mail: wrong password, refused TLS, nothing there.

    The row goes with the first message that the transport takes.
    """

    transport = models.CharField(max_length=64, primary_key=True)
    since = MomentField()
    last = MomentField()
    attempts = models.PositiveIntegerField(default=1)
    stage = models.CharField(max_length=12, blank=True)
    text = models.TextField(blank=True)
