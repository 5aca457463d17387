"""Which messages a mailbox holds already: the same Message-ID, date and size, and the same body.

The keys are in a file beside the upload, so that a mailbox of any size takes little memory; the newest wait
in memory until somebody asks the file. It is made anew by each run.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db.models import Q

from importer.models import Target
from mail.mime.part_index import PartIndex
from mail.models import Content, Mailbox, Message
from mail.store import readers
from mail.store.accept import NewContent
from mail.store.contents import read

_PAGE = 5000
_FILTER_BITS = 22
_FILTER_SIZE = 1 << _FILTER_BITS
_FILTER_MASK = _FILTER_SIZE - 1
_HELD = 20_000
_INSERT = "INSERT OR IGNORE INTO seen VALUES (?, ?, ?, ?)"
_COLUMNS = ("uid", "id", "content_id", "size", "content__message_id", "content__date", "content__sha256")

_Seen = tuple[int, int, int, bytes]
"""Key, the message's row, its content's row, and hash."""


@dataclass(frozen=True, slots=True)
class Double:
    """A message that is there. `message_id` is its row."""

    content_id: int
    message_id: int
    sha256: bytes


def key_of(message_id: str, date: int | None, size: int) -> int:
    """What doubles have in common at least, as a number of this process."""
    return hash((message_id, date, size))


class Doubles:
    """Knows the messages of those mailboxes of an account that were looked into. For one thread."""

    def __init__(self, file: Path, went_on: Callable[[], None]) -> None:
        file.unlink(missing_ok=True)
        self._file = file
        self._database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
            "CREATE TABLE seen (key INTEGER, message INTEGER, content INTEGER, sha BLOB, "
            "PRIMARY KEY (key, message)) WITHOUT ROWID;"
        )
        self._went_on = went_on
        self._salts: dict[str, int] = {}
        # Most messages are nobody's double, and that is known without asking the file: a Bloom filter.
        self._filter = bytearray(_FILTER_SIZE)
        self._held: list[_Seen] = []

    def close(self) -> None:
        """Remove the file."""
        self._database.close()
        self._file.unlink(missing_ok=True)

    def look_into(self, account_id: int, name: str, import_id: int) -> None:
        """Learn what the mailbox `name` holds, and what the import has staged for it. Once for each name."""
        if name in self._salts:
            return
        salt = self._salts[name] = hash((name,))
        for mailbox in readers.run(_mailboxes, account_id, name, import_id).result():
            for rows in _pages(mailbox):
                self._went_on()
                self.add(
                    (key_of(words, date, size) ^ salt, message, content, bytes(sha))
                    for _, message, content, size, words, date, sha in rows
                )

    def key(self, name: str, content: NewContent) -> int:
        """What the message has in common with its doubles in the mailbox, which was looked into."""
        summary = content.summary
        return hash((summary.message_id, summary.date, content.size)) ^ self._salts[name]

    def add(self, seen: Iterable[_Seen]) -> None:
        """There are more messages."""
        held, before = self._held, len(self._held)
        held += seen
        for key, _, _, _ in islice(held, before, None):
            self._filter[key & _FILTER_MASK] = self._filter[key >> _FILTER_BITS & _FILTER_MASK] = 1
        if len(held) >= _HELD:
            self._write()

    def _write(self) -> None:
        """Put what is held into the file, by key: then those that share a page of it come together."""
        self._held.sort()
        self._database.executemany(_INSERT, self._held)
        self._held.clear()

    def _is_perhaps_known(self, key: int) -> bool:
        return bool(self._filter[key & _FILTER_MASK] and self._filter[key >> _FILTER_BITS & _FILTER_MASK])

    def find(self, key: int, content: NewContent) -> Double | None:
        """The message of the key's mailbox that is the same as this one."""
        if not self._is_perhaps_known(key):
            return None
        self._write()
        rows = self._database.execute("SELECT content, message, sha FROM seen WHERE key = ?", (key,))
        for row in rows:
            double = Double(*row)
            if double.sha256 == content.sha256 or readers.run(_same_body, double, content).result():
                return double
        return None

    def is_known(self, name: str, key: int) -> bool:
        """Whether the mailbox holds a message with this key of `key_of`, whatever its body; now it does."""
        salted = key ^ self._salts[name]
        if self._is_perhaps_known(salted):
            self._write()
            if self._database.execute("SELECT 1 FROM seen WHERE key = ? LIMIT 1", (salted,)).fetchone():
                return True
        self.add([(salted, 0, 0, b"")])
        return False


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
