"""Which messages a mailbox holds already: the same Message-ID, date and size, and the same body.

The keys are in a file beside the upload, so that a mailbox of any size takes little memory. It is made anew
by each run.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Q

from importer.models import Target
from mail.mime.part_index import PartIndex
from mail.models import Content, Mailbox, Message
from mail.store import readers
from mail.store.accept import NewContent
from mail.store.contents import read

_PAGE = 5000
_FILTER_BITS = 23
_FILTER_MASK = (1 << _FILTER_BITS) - 1
_INSERT = "INSERT INTO seen VALUES (?, ?, ?, ?, ?)"
_COLUMNS = ("uid", "id", "content_id", "size", "content__message_id", "content__date", "content__sha256")


@dataclass(frozen=True, slots=True)
class Double:
    """A message that is there. `message_id` is its row."""

    content_id: int
    message_id: int
    sha256: bytes


def key_of(message_id: str, date: int | None, size: int) -> int:
    """What doubles have in common at least, as a number of this process."""
    return hash((message_id, date, size))


def key_of_content(content: NewContent) -> int:
    """The key of a message that is being brought in."""
    return key_of(content.summary.message_id, content.summary.date, content.size)


class Doubles:
    """Knows the messages of those mailboxes of an account that were looked into. For one thread."""

    def __init__(self, file: Path, went_on: Callable[[], None]) -> None:
        file.unlink(missing_ok=True)
        self._file = file
        self._database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
            "CREATE TABLE seen (mailbox INTEGER, key INTEGER, content INTEGER, message INTEGER, sha BLOB);"
            "CREATE INDEX by_key ON seen (mailbox, key);"
        )
        self._went_on = went_on
        self._mailboxes: dict[str, int] = {}
        self._filter = _Filter()

    def close(self) -> None:
        """Remove the file."""
        self._database.close()
        self._file.unlink(missing_ok=True)

    def look_into(self, account_id: int, name: str, import_id: int) -> None:
        """Learn what the mailbox `name` holds, and what the import has staged for it. Once for each name."""
        if name in self._mailboxes:
            return
        number = self._mailboxes[name] = len(self._mailboxes)
        for mailbox in readers.run(_mailboxes, account_id, name, import_id).result():
            for rows in _pages(mailbox):
                self._went_on()
                self._insert(
                    (number, key_of(words, date, size), content, message, bytes(sha))
                    for _, message, content, size, words, date, sha in rows
                )

    def add(self, staged: Iterable[tuple[str, NewContent, int, int]]) -> None:
        """Messages were staged, given as (mailbox, content, its row, the message's row)."""
        self._insert(
            (self._mailboxes[name], key_of_content(content), content_id, message_id, content.sha256)
            for name, content, content_id, message_id in staged
        )

    def find(self, name: str, content: NewContent) -> Double | None:
        """The message of the mailbox that is the same as this one."""
        mailbox, key = self._mailboxes[name], key_of_content(content)
        if not self._filter.may_hold(mailbox, key):
            return None
        rows = self._database.execute(
            "SELECT content, message, sha FROM seen WHERE mailbox = ? AND key = ?", (mailbox, key)
        )
        for row in rows:
            double = Double(*row)
            if double.sha256 == content.sha256 or readers.run(_same_body, double, content).result():
                return double
        return None

    def note(self, name: str, key: int) -> None:
        """A message with this key would come to the mailbox."""
        self._insert([(self._mailboxes[name], key, None, None, None)])

    def is_known(self, name: str, key: int) -> bool:
        """Whether there is a message with this key, whatever its body."""
        mailbox = self._mailboxes[name]
        if not self._filter.may_hold(mailbox, key):
            return False
        found = self._database.execute(
            "SELECT 1 FROM seen WHERE mailbox = ? AND key = ? LIMIT 1", (mailbox, key)
        )
        return found.fetchone() is not None

    def _insert(self, rows: Iterable[tuple[int, int, int | None, int | None, bytes | None]]) -> None:
        batch = list(rows)
        for mailbox, key, *_ in batch:
            self._filter.add(mailbox, key)
        self._database.executemany(_INSERT, batch)


class _Filter:
    """A Bloom filter: most messages are nobody's double, and that is known without asking the file."""

    def __init__(self) -> None:
        self._bits = bytearray(1 << (_FILTER_BITS - 3))

    def add(self, mailbox: int, key: int) -> None:
        mixed = hash((mailbox, key))
        for place in (mixed & _FILTER_MASK, mixed >> _FILTER_BITS & _FILTER_MASK):
            self._bits[place >> 3] |= 1 << (place & 7)

    def may_hold(self, mailbox: int, key: int) -> bool:
        mixed = hash((mailbox, key))
        one, other = mixed & _FILTER_MASK, mixed >> _FILTER_BITS & _FILTER_MASK
        return bool(self._bits[one >> 3] >> (one & 7) & self._bits[other >> 3] >> (other & 7) & 1)


def _mailboxes(account_id: int, name: str, import_id: int) -> list[int]:
    """The mailbox itself and the hidden one of this import."""
    staged = Target.objects.filter(owner=import_id, name=name).values("mailbox")
    wanted = Q(account=account_id, name=name) | Q(account=None, id__in=staged)
    return list(Mailbox.objects.filter(wanted).order_by("id").values_list("id", flat=True))


def _pages(mailbox: int) -> Iterator[list[tuple[int, int, int, int, str, int | None, bytes]]]:
    last = 0
    while rows := readers.run(_page, mailbox, last).result():
        yield rows
        last = rows[-1][0]


def _page(mailbox: int, after: int) -> list[tuple[int, int, int, int, str, int | None, bytes]]:
    found = Message.objects.filter(mailbox=mailbox, uid__gt=after).order_by("uid")
    return list(found.values_list(*_COLUMNS)[:_PAGE])


def _same_body(double: Double, content: NewContent) -> bool:
    """Servers write other fields into the header on the way; the body tells."""
    stored = Content.objects.filter(pk=double.content_id).first()
    if stored is None:
        return False
    start = _body_offset(content.part_index)
    if stored.part_index:
        theirs = _digest(read(stored.id, _body_offset(bytes(stored.part_index))))
    else:
        theirs = _digest(_without_header(read(stored.id)))
    if content.content_id is None:
        return theirs == _digest(iter([b"".join(content.chunks)[start:]]))
    ahead = content.size - sum(map(len, content.chunks))
    ours = hashlib.sha256()
    for chunk in read(content.content_id, start, max(0, ahead - start)):
        ours.update(chunk)
    ours.update(b"".join(content.chunks)[max(0, start - ahead) :])
    return theirs == ours.digest()


def _without_header(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """For content that was stored without an index: the header is in the first chunk, or counts as body."""
    yield next(chunks).partition(b"\r\n\r\n")[2]
    yield from chunks


def _digest(chunks: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.digest()


def _body_offset(part_index: bytes) -> int:
    try:
        return PartIndex.from_bytes(part_index).parts[0].body_offset
    except ValueError:
        return 0
