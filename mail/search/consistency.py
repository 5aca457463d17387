"""What must hold between messages and the search index. Used by the store's own check."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db import connection

from mail.search.keys import KEY_OF_MESSAGE

_NOT_INDEXED: Final = f"""
    SELECT m.id FROM mail_message m WHERE m.thread IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM mail_searchentry e WHERE e.id = {KEY_OF_MESSAGE.format("m")})
"""
_WITHOUT_WORDS: Final = """
    SELECT e.id FROM mail_searchentry e
    WHERE NOT EXISTS (SELECT 1 FROM mail_search_docsize d WHERE d.id = e.id)
"""
_WITHOUT_ENTRY: Final = """
    SELECT d.id FROM mail_search_docsize d
    WHERE NOT EXISTS (SELECT 1 FROM mail_searchentry e WHERE e.id = d.id)
"""


def index_contradictions(rows: Callable[[str], Iterable[tuple[Any, ...]]]) -> list[str]:
    """Every contradiction found, one sentence each; `rows` runs a statement.

    Entries of messages that are gone are none: they are forgotten now and then.
    """
    found = [f"message {row} has a conversation but is not indexed" for (row,) in rows(_NOT_INDEXED)]
    if connection.vendor == "sqlite":
        found += [f"search entry {key} has no words in the index" for (key,) in rows(_WITHOUT_WORDS)]
        found += [f"words {key} of the index belong to no search entry" for (key,) in rows(_WITHOUT_ENTRY)]
    return found
