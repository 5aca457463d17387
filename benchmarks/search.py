"""Searching an account of 200 000 messages beside another one as large, on each database.

Messages and the words of the index are put there directly: reading and indexing them would take an hour.
"""

import itertools
import random
import time
from collections.abc import Iterator

from django.db import connection, transaction

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row
from benchmarks.reveal import FIRST_RECEIVED, RECEIVED_EVERY, fill
from mail.models import Account
from mail.search.finding import Search
from mail.search.index import Entry, add_entries
from mail.search.keys import search_key
from mail.search.query import parse_query
from mail.search.text import Words
from mail.store.ids import IdBlock
from mail.store.write import Transaction
from tests.world.world import World

MESSAGES = 200_000
_WORDS_EACH = 40
_VOCABULARY = 20_000
_AT_ONCE = 2000
_NEEDLE_EVERY = 20_000
QUERIES = (
    "w0",
    "w15000",
    "needle",
    "nowhere",
    "w0 w1",
    '"w0 w1"',
    "-w0",
    "w10*",
    "subject:boats",
    "from:user7",
    "w0 from:user7",
    "needle before:2022-01-01",
    "before:2020-10-01",
    "is:unread",
    "is:starred",
    "w0 is:starred",
    "has:attachment",
    "in:Trash w0",
    "larger:1GB",
)


def main(messages: int = MESSAGES) -> None:
    """Print a table for each database."""
    for kind in KINDS:
        try:
            with fresh_world(kind) as world:
                _measure(kind, world, messages)
        except LookupError as error:
            row(kind, f"not measured: {error}")


def _measure(kind: str, world: World, messages: int) -> None:
    for number, account in enumerate((world.alice, world.bob), 1):
        first = number * 10_000_000
        fill(world.inbox(account).pk, first, messages)
        _index(account, first, messages)
    if kind == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    head(f"{kind}: search", "results", "ms, best of three")
    for text in QUERIES:
        found, seconds = min((_once(world, text) for _ in range(3)), key=lambda once: once[1])
        row(text, found, f"{seconds * 1000:,.1f}")


def _once(world: World, text: str) -> tuple[int, float]:
    started = time.perf_counter()
    found = Search(world.alice, parse_query(text)).newest(51)
    return len(found), time.perf_counter() - started


def _index(account: Account, first: int, messages: int) -> None:
    entries = _entries(account, first, messages)
    while batch := list(itertools.islice(entries, _AT_ONCE)):
        with transaction.atomic(), connection.cursor() as cursor:
            add_entries(Transaction(cursor, IdBlock()), batch)


def _entries(account: Account, first: int, messages: int) -> Iterator[Entry]:
    chance = random.Random(7)
    words = [f"w{number}" for number in range(_VOCABULARY)]
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(_VOCABULARY)))
    for number in range(1, messages + 1):
        body = " ".join(chance.choices(words, cum_weights=weights, k=_WORDS_EACH))
        if number % _NEEDLE_EVERY == 0:
            body += " needle"
        sender = f"user{chance.randrange(2000)} d example"
        said = Words(f"note {number} about boats", sender, "alice example org", body, False)
        received = FIRST_RECEIVED + number * RECEIVED_EVERY
        yield Entry(search_key(received, first + number), account.pk, number, said)


if __name__ == "__main__":
    main()
