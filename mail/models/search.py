from django.db import models

from mail.models.fields import RowId


class SearchEntry(models.Model):
    """A message that can be found by its words. The id tells its place among all results (mail.search.keys).

    The words themselves are in an index that Django has no model for: on PostgreSQL a tsvector in a column
    of this table, on SQLite the FTS5 table mail_search. That one keeps no text, and asks for the very text it
    was given when an entry goes: `words` has it, compressed; on PostgreSQL it is empty.

    `message_key` is drawn from the Message-ID, so that replies find the conversation they belong to.
    """

    id = RowId()
    account_id = models.BigIntegerField()
    message_key = models.BigIntegerField()
    words = models.BinaryField(default=b"")

    class Meta:
        indexes = [models.Index(fields=["account_id", "message_key"], name="search_by_message_key")]


class SearchProgress(models.Model):
    """Up to which uid the messages of a mailbox are indexed. Uids are given in the order of commits."""

    mailbox_id = models.BigIntegerField(primary_key=True)
    uid = models.BigIntegerField()
