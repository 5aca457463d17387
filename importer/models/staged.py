from django.db import models

from importer.models.imports import Import
from mail.models import Mailbox
from mail.models.fields import StringListField


class Target(models.Model):
    """A mailbox that an import brings mail to.

    While the import runs, `mailbox` is a hidden one that holds its messages; afterwards it is the account's
    own, in which the import has given the uids from `first_uid` to `last_uid`. `created`: it was not there
    before. After an undo it is a hidden one again, that waits to be emptied. The mailbox may be gone.
    """

    owner = models.ForeignKey(Import, models.CASCADE, related_name="targets", db_index=False)
    name = models.CharField(max_length=200)
    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="import_targets", db_constraint=False)
    messages = models.BigIntegerField(default=0)
    created = models.BooleanField(default=False)
    first_uid = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)

    class Meta:
        db_table = "importer_target"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="import_target_once")]


class StagedBatch(models.Model):
    """Which ordinals of the source the messages of one commit have: 64-bit numbers in native order.

    Their row ids follow each other from `first_message` on. Kept while the import runs.
    """

    owner = models.ForeignKey(Import, models.CASCADE, related_name="batches", db_index=False)
    last_ordinal = models.BigIntegerField()
    first_message = models.BigIntegerField()
    ordinals = models.BinaryField()

    class Meta:
        db_table = "importer_staged_batch"
        indexes = [models.Index(fields=["owner", "last_ordinal"], name="staged_batch_by_ordinal")]


class Merge(models.Model):
    """Flags and keywords that a message of the account is to get when the import is revealed.

    The message may be gone by then.
    """

    owner = models.ForeignKey(Import, models.CASCADE, related_name="merges")
    message_id = models.BigIntegerField()
    flags = models.IntegerField()
    keywords = StringListField()

    class Meta:
        db_table = "importer_merge"
