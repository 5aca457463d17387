"""Recording the results of one group as they come."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial

from delivery.models import State
from delivery.queue.begin import Begun
from delivery.queue.choice import Choice
from delivery.queue.counting import Measurements
from delivery.queue.load import WaitingRecipient
from delivery.queue.notifying import Told, with_notices
from delivery.queue.outcome import Outcomes
from delivery.queue.outgoing import key_of
from delivery.queue.results import Recorded, RecordResult, RecordResults
from delivery.queue.way import Way, dialled_json, tries_json
from delivery.smtp.client.failure import Stage, local_failure
from delivery.smtp.client.results import Outcome, RecipientResult, failed
from delivery.transports.group import GroupResult, HostTry, RecipientKey
from mail import clock
from mail.process.handing_in import HandingIn
from mail.store.writer import CommitUnknown, Writer

log = logging.getLogger(__name__)

_SAID = {
    State.DELIVERED: "delivered",
    State.WAITING: "not delivered yet",
    State.FAILED: "not delivered",
}


class Recording:
    """Knows which recipients of a group still lack a result. Results may come in several threads."""

    def __init__(
        self,
        writer: Writer,
        handing_in: HandingIn,
        outcomes: Outcomes,
        choice: Choice,
        token: int,
        recipients: Sequence[WaitingRecipient],
        begun: Mapping[int, Begun],
    ) -> None:
        self._writer = writer
        self._handing_in = handing_in
        self._outcomes = outcomes
        self._choice = choice
        self._token = token
        self._begun = begun
        self._open: dict[RecipientKey, list[WaitingRecipient]] = defaultdict(list)
        for recipient in recipients:
            self._open[key_of(recipient)].append(recipient)
        self._tries: tuple[tuple[HostTry, ...], str] = ((), "[]")
        self._pending: list[tuple[list[RecordResult], Future[Recorded]]] = []
        self._measurements = Measurements(choice.transport.name, choice.transport.settings)

    def note(self, *groups: GroupResult) -> "Future[Recorded]":
        """Hand these results to the writer together; give what is done when they are on disk.

        What was noted before is left as it is.
        """
        return self._note(groups, self._writer.submit)

    def on_loop(self) -> AbstractContextManager[None]:
        """While the group is being delivered."""
        return self._handing_in.joined(self)

    def note_on_loop(self, group: GroupResult) -> "Future[Recorded]":
        """The same on the engine's loop, together with results of other groups, inside `on_loop`."""
        return self._note([group], self._hand_in)

    def _hand_in(self, write: RecordResults) -> "Future[Recorded]":
        return self._handing_in.add(self, partial(self._writer.submit, write))

    def _note(
        self, groups: Sequence[GroupResult], submit: "Callable[[RecordResults], Future[Recorded]]"
    ) -> "Future[Recorded]":
        found = [result for group in groups for result in self._results(group)]
        results = with_notices(self._outcomes.notices, found)
        if not results:
            nothing: Future[Recorded] = Future()
            nothing.set_result(Recorded())
            return nothing
        recorded = submit(RecordResults(tuple(results)))
        self._pending.append((results, recorded))
        return recorded

    def needs_reading(self, group: GroupResult) -> bool:
        """Whether noting these results takes reading, which nothing may do on an event loop.

        Most mail is recorded the moment it is delivered, without waking another thread for it.
        """
        return any(self._outcomes.needs_reading(result) for result in group.results.values())

    def _tries_json(self, tries: tuple[HostTry, ...]) -> str:
        """As it was for the last results, if these came the same way."""
        last, text = self._tries
        if tries != last:
            text = tries_json(tries)
            self._tries = (tries, text)
        return text

    def _results(self, group: GroupResult) -> Iterator[Told]:
        tries = self._tries_json(group.tries)
        for key, result in group.results.items():
            for recipient in self._open.pop(key, ()):
                try:
                    yield self._result(recipient, result, group, tries)
                except Exception:
                    # It is attempted again; what was delivered to others must not be forgotten with it.
                    log.exception(
                        "a result was lost", extra={"fields": {"recipient": str(recipient.address)}}
                    )

    def _result(
        self, recipient: WaitingRecipient, result: RecipientResult, group: GroupResult, tries: str
    ) -> Told:
        begun = self._begun[recipient.id]
        policy = result.connection.policy if result.connection else ""
        temporary = result.outcome is Outcome.TEMPORARY
        dialled = dialled_json(recipient.dialled, group.tries) if temporary else None
        record, telling = self._outcomes.of(
            recipient, begun, result, self._choice, self._token, Way(policy, tries, dialled)
        )
        _log(recipient, begun, record, self._choice)
        self._measurements.note(recipient.message.id, begun.number, result, record.facts.duration)
        return record, telling

    def finish(self) -> None:
        """Wait until all is committed. Recipients without a result failed for now."""
        failure = local_failure(Stage.CONNECT, 451, "4.3.0", "internal error, see the log")
        self.note(GroupResult({key: failed(key[1], failure, None) for key in self._open}))
        self._measurements.finish()
        for results, future in self._pending:
            wait_for_records(self._writer, results, future)


def wait_for_records(writer: Writer, results: Sequence[RecordResult], future: "Future[Recorded]") -> None:
    """Wait until results are recorded; those that came too late are only logged.

    If they can't be recorded together, each is recorded by itself, so that one takes no other with it.
    """
    try:
        recorded = future.result()
    except CommitUnknown:
        raise
    except Exception:
        if len(results) == 1:
            raise
        _record_singly(writer, results)
        return
    if recorded.torn:
        _record_singly(writer, recorded.torn)
    for recipient in recorded.late:
        log.warning("a result came after its lease was lost", extra={"fields": {"recipient": recipient}})


def _record_singly(writer: Writer, results: Sequence[RecordResult]) -> None:
    alone = [replace(each, notice=each.alone(), alone=None) if each.alone else each for each in results]
    submitted = [(each, writer.submit(RecordResults((each,)))) for each in alone]
    for result, future in submitted:
        wait_for_records(writer, [result], future)


def _log(recipient: WaitingRecipient, begun: Begun, record: RecordResult, choice: Choice) -> None:
    log.info(
        _SAID[record.state],
        extra={
            "fields": {
                "recipient": str(recipient.address),
                "sender": str(recipient.message.sender or ""),
                "attempt": begun.number,
                "transport": choice.transport.name,
                "host": record.facts.host,
                "ip": record.facts.ip,
                "tls": record.facts.tls,
                "reply": str(record.reply),
                "seconds": record.facts.duration / clock.SECOND,
            }
        },
    )
