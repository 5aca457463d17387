"""The index of words in the database: SQLite's FTS5 or PostgreSQL's tsvector."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from mail.search.text import Words
from mail.store.selected import places
from mail.store.write import Transaction

ATTACHMENT: Final = "attachment"
_COLUMNS: Final = "traits, subject, sender, recipients, body"
_LAST_POSITION: Final = 16_383  # PostgreSQL's limits of a tsvector
_MOST_POSITIONS: Final = 255


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that is to be found."""

    key: int
    account_id: int
    message_key: int
    words: Words


def account_trait(account: int) -> str:
    """The word by which an account's messages are told from those of others."""
    return f"account{account}"


def add_entries(current: Transaction, entries: Sequence[Entry]) -> None:
    """Make messages findable."""
    if connection.vendor == "sqlite":
        columns = [_columns(entry) for entry in entries]
        rows = [(entry.key, *texts) for entry, texts in zip(entries, columns, strict=True)]
        current.insert("mail_search", f"rowid, {_COLUMNS}", rows)
        stored = [zlib.compress("\n".join(texts).encode(), 1) for texts in columns]
        current.insert(
            "mail_searchentry",
            "id, account_id, message_key, words",
            [
                (entry.key, entry.account_id, entry.message_key, words)
                for entry, words in zip(entries, stored, strict=True)
            ],
        )
        return
    current.cursor.executemany(
        "INSERT INTO mail_searchentry (id, account_id, message_key, words, tokens) "
        "VALUES (%s, %s, %s, %s, %s::tsvector)",
        [(entry.key, entry.account_id, entry.message_key, b"", tsvector(entry.words)) for entry in entries],
    )


def remove_entries(current: Transaction, keys: Sequence[int]) -> None:
    """Forget messages."""
    if not keys:
        return
    chosen = f"WHERE id IN ({places(len(keys))})"
    if connection.vendor == "sqlite":
        for key, words in current.rows(f"SELECT id, words FROM mail_searchentry {chosen}", keys):
            current.run(
                f"INSERT INTO mail_search (mail_search, rowid, {_COLUMNS}) "
                "VALUES ('delete', %s, %s, %s, %s, %s, %s)",
                [key, *zlib.decompress(bytes(words)).decode().split("\n")],
            )
    current.run(f"DELETE FROM mail_searchentry {chosen}", keys)


def _columns(entry: Entry) -> tuple[str, str, str, str, str]:
    words = entry.words
    traits = account_trait(entry.account_id) + (f" {ATTACHMENT}" if words.has_attachment else "")
    return traits, words.subject, words.sender, words.recipients, words.body


def tsvector(words: Words) -> str:
    """The words as PostgreSQL reads a tsvector: with positions, and the weight that tells where they stand.

    A lexeme that no text can give marks messages with attachments.
    """
    positions: dict[str, list[str]] = {}
    start = 0
    for weight, text in (
        ("A", words.subject),
        ("B", words.sender),
        ("C", words.recipients),
        ("", words.body),
    ):
        found = text.split(" ") if text else []
        for number, word in enumerate(found, start + 1):
            places_of_word = positions.setdefault(word, [])
            if number <= _LAST_POSITION and len(places_of_word) < _MOST_POSITIONS:
                places_of_word.append(f"{number}{weight}")
        start += len(found) + 1  # no phrase reaches from one field into the next
    lexemes: Iterable[str] = (f"'{word}':{','.join(found)}" for word, found in positions.items() if found)
    return " ".join([*lexemes, *(["'has:attachment'"] if words.has_attachment else [])])
