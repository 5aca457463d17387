from django.db import models

from mail.models.fields import MomentField, RowId


class Content(models.Model):
    """The bytes of one message as they were accepted, and what lists need of its header.

    The bytes are in chunks. `doubtful` is true while a large message still arrives and after a reference
    to it was removed: the sweeper removes doubtful content to which nothing refers an hour after it was
    last `touched`.
    """

    id = RowId()
    doubtful = models.BooleanField(default=False)
    touched = MomentField()
    size = models.BigIntegerField(default=0)
    sha256 = models.BinaryField(default=b"")
    part_index = models.BinaryField(default=b"")
    subject = models.TextField(default="")
    from_name = models.TextField(default="")
    from_address = models.TextField(default="")
    to_text = models.TextField(default="")
    date = MomentField(null=True)
    message_id = models.TextField(default="")
    in_reply_to = models.TextField(default="")
    thread_references = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["touched"], condition=models.Q(doubtful=True), name="doubtful_content_by_age"
            )
        ]


class Chunk(models.Model):
    """Up to 256 KiB of a content. The id is content id × 2²⁰ + position, so chunks read in id order."""

    id = RowId()
    data = models.BinaryField()
