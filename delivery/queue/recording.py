"""Recording the results of one group as they come."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace

from delivery.models import State
from delivery.queue.begin import Begun
from delivery.queue.choice import Choice
from delivery.queue.counting import Measurements
from delivery.queue.load import WaitingRecipient
from delivery.queue.outcome import Outcomes
from delivery.queue.outgoing import key_of
from delivery.queue.results import RecordResult, StaleLease
from delivery.queue.way import Way, dialled_json, tries_json
from delivery.smtp.client.failure import Stage, local_failure
from delivery.smtp.client.results import RecipientResult, failed
from delivery.transports.group import GroupResult, RecipientKey
from mail import clock
from mail.store.writer import Writer

log = logging.getLogger(__name__)

_SAID = {
    State.DELIVERED: "delivered",
    State.WAITING: "not delivered yet",
    State.FAILED: "not delivered",
}


class Recording:
    """Knows which recipients of a group still lack a result."""

    def __init__(
        self,
        writer: Writer,
        outcomes: Outcomes,
        choice: Choice,
        token: int,
        recipients: Sequence[WaitingRecipient],
        begun: Mapping[int, Begun],
    ) -> None:
        self._writer = writer
        self._outcomes = outcomes
        self._choice = choice
        self._token = token
        self._begun = begun
        self._open: dict[RecipientKey, list[WaitingRecipient]] = defaultdict(list)
        for recipient in recipients:
            self._open[key_of(recipient)].append(recipient)
        self._pending: list[Future[None]] = []
        self._measurements = Measurements(choice.transport.name, choice.transport.settings)

    def note(self, group: GroupResult) -> None:
        """Hand these results to the writer. What was noted before is left as it is."""
        tries = tries_json(group.tries)
        for key, result in group.results.items():
            for recipient in self._open.pop(key, ()):
                try:
                    self._note(recipient, result, group, tries)
                except Exception:
                    # It is attempted again; what was delivered to others must not be forgotten with it.
                    log.exception(
                        "a result was lost", extra={"fields": {"recipient": str(recipient.address)}}
                    )

    def _note(
        self, recipient: WaitingRecipient, result: RecipientResult, group: GroupResult, tries: str
    ) -> None:
        begun = self._begun[recipient.id]
        write = self._outcomes.of(recipient, begun, result, self._choice, self._token)
        policy = result.connection.policy if result.connection else ""
        dialled = dialled_json(recipient.dialled, group.tries) if write.state is State.WAITING else None
        write = replace(write, way=Way(policy, tries, dialled))
        self._pending.append(self._writer.submit(write))
        _log(recipient, begun, write, self._choice)
        self._measurements.note(recipient.message.id, begun.number, result, write.facts.duration)

    def finish(self) -> None:
        """Wait until all is committed. Recipients without a result failed for now."""
        failure = local_failure(Stage.CONNECT, 451, "4.3.0", "internal error, see the log")
        self.note(GroupResult({key: failed(key[1], failure, None) for key in self._open}))
        self._measurements.finish()
        for future in self._pending:
            forgive_stale(future)


def _log(recipient: WaitingRecipient, begun: Begun, write: RecordResult, choice: Choice) -> None:
    log.info(
        _SAID[write.state],
        extra={
            "fields": {
                "recipient": str(recipient.address),
                "sender": str(recipient.message.sender or ""),
                "attempt": begun.number,
                "transport": choice.transport.name,
                "host": write.facts.host,
                "ip": write.facts.ip,
                "tls": write.facts.tls,
                "reply": str(write.reply),
                "seconds": write.facts.duration / clock.SECOND,
            }
        },
    )


def forgive_stale(future: "Future[None]") -> None:
    """Wait for a result to be recorded; one that came too late is only logged."""
    try:
        future.result()
    except StaleLease as error:
        log.warning("a result came after its lease was lost", extra={"fields": {"reason": str(error)}})
