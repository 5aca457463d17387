from django.db import models

from mail.models.fields import MomentField, RowId


class DestinationSlot(models.Model):
    """A connection that a worker may have to a destination whose transport limits them.

    `destination` is the transport's name, followed by the recipient domain where each domain is a next hop of
    its own. The slot counts until `until`; it is renewed with the leases of the recipients it is used for.
    """

    id = RowId()
    destination = models.CharField(max_length=250)
    until = MomentField()

    class Meta:
        indexes = [models.Index(fields=["destination", "until"], name="slots_of_destination")]


class DestinationPassage(models.Model):
    """Messages that were let through to a destination whose transport limits their rate.

    Rows older than a minute count no longer.
    """

    id = RowId()
    destination = models.CharField(max_length=250)
    moment = MomentField()
    messages = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["destination", "moment"], name="passages_to_destination")]
