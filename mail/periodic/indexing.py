"""Keeping the search index up to date."""

from mail.periodic.registry import every
from mail.search.indexing import forget_removed_messages, index_new_messages
from mail.store.writer import writer


@every(minutes=0.2, name="index")
def index_mail() -> None:
    """New messages become findable."""
    index_new_messages(writer())


@every(minutes=10, name="forget-removed-mail")
def forget_removed_mail() -> None:
    """Words of messages that were removed for good are forgotten."""
    forget_removed_messages(writer())
