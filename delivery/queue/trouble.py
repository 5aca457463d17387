"""Transports that fail before they take any mail: noted for the admin, forgotten with the next success.

Such a failure says nothing about the mail, which waits: a wrong password, a refused TLS, nothing there.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from delivery.configuration.sections import CompiledTransport
from delivery.models import TransportTrouble
from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import RecipientResult
from mail import clock
from mail.mime.encoded_words import clean_text
from mail.store import readers
from mail.store.write import Transaction, Write, applies
from mail.store.writer import Writer

log = logging.getLogger(__name__)

RELAYS: Final = frozenset({"smtp", "submission", "submissions"})
BEFORE_MAIL: Final = frozenset(
    {Stage.RESOLVE, Stage.CONNECT, Stage.GREETING, Stage.EHLO, Stage.STARTTLS, Stage.TLS, Stage.AUTH}
)
LONGEST_TEXT: Final = 300
"""Characters of a relay's answer that the admin's pages show."""

_KNOWN_FOR_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class NoteTrouble(Write):
    """A transport failed, once more or for the first time."""

    transport: str
    stage: str
    text: str


@dataclass(frozen=True, slots=True)
class ClearTrouble(Write):
    """A transport works."""

    transport: str


@applies(NoteTrouble)
def note_trouble(current: Transaction, writes: Sequence[NoteTrouble]) -> list[None]:
    moment = clock.now()
    for write in writes:
        current.run(
            "INSERT INTO delivery_transporttrouble (transport, since, last, attempts, stage, text) "
            "VALUES (%s, %s, %s, 1, %s, %s) ON CONFLICT (transport) DO UPDATE SET "
            "last = excluded.last, attempts = delivery_transporttrouble.attempts + 1, "
            "stage = excluded.stage, text = excluded.text",
            [write.transport, moment, moment, write.stage, write.text],
        )
    return [None] * len(writes)


@applies(ClearTrouble)
def clear_trouble(current: Transaction, writes: Sequence[ClearTrouble]) -> list[None]:
    for write in writes:
        current.run("DELETE FROM delivery_transporttrouble WHERE transport = %s", [write.transport])
    return [None] * len(writes)


class TransportTroubles:
    """What a worker process knows of transports in trouble. For worker threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._read_at = float("-inf")

    def note(self, writer: Writer, transport: CompiledTransport, results: Iterable[RecipientResult]) -> None:
        """Take what came of a group. A session that got as far as MAIL shows that the transport works."""
        found = list(results)
        if transport.unusable:
            self._note(writer, NoteTrouble(transport.name, "settings", transport.unusable))
        elif transport.kind.name in RELAYS and found:
            failures = [result for result in found if result.stage in BEFORE_MAIL]
            if len(failures) == len(found):
                last = failures[-1]
                self._note(writer, NoteTrouble(transport.name, last.stage.value, _text(last)))
            elif transport.name in self._in_trouble():
                writer.submit(ClearTrouble(transport.name))
                with self._lock:
                    self._known.discard(transport.name)
                log.info("a transport works again", extra={"fields": {"transport": transport.name}})

    def _note(self, writer: Writer, trouble: NoteTrouble) -> None:
        writer.submit(trouble)
        with self._lock:
            new = trouble.transport not in self._known
            self._known.add(trouble.transport)
        if new:
            fields = {"transport": trouble.transport, "stage": trouble.stage, "reason": trouble.text}
            log.error("a transport fails before it takes mail", extra={"fields": fields})

    def _in_trouble(self) -> set[str]:
        """The transports in trouble. Another process may have noted some, so it is read now and then."""
        now = clock.monotonic()
        with self._lock:
            if now - self._read_at >= _KNOWN_FOR_SECONDS:
                self._read_at = now
                self._known |= readers.run(_read).result()
            return set(self._known)


def _text(result: RecipientResult) -> str:
    host = f"{result.connection.host}: " if result.connection else ""
    return clean_text(f"{host}{result.reply}", LONGEST_TEXT)


def _read() -> set[str]:
    return set(TransportTrouble.objects.values_list("transport", flat=True))
