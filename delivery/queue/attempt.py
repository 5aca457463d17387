"""One attempt for one group of recipients, from its lease to its results.

1. Load what is still leased. What has expired or used up its attempts is settled at once.
2. Evaluate the routes. Recipients that do not share the first one's next hop are returned.
3. Count the attempt and write the next one's time before anything is dialed.
4. Deliver on the engine's loop, keeping the lease meanwhile.
5. Record each result as it comes, failures with a notice to the sender in the same commit.
"""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from queue import SimpleQueue

from delivery.engine import Engine
from delivery.queue.begin import BeginAttempts
from delivery.queue.choice import Choice, Chooser, Journey
from delivery.queue.keeping import deliver_keeping_leases
from delivery.queue.leases import RenewLeases, ReturnRecipients
from delivery.queue.load import WaitingRecipient, load_recipients
from delivery.queue.outcome import Outcomes
from delivery.queue.outgoing import group_of
from delivery.queue.recording import Recording, forgive_stale
from delivery.smtp.client.results import RecipientResult
from delivery.transports.group import DeliveryContext, GroupResult, RecipientKey
from mail import clock
from mail.configuration.snapshots import Snapshots
from mail.store import readers
from mail.store.writer import Writer

log = logging.getLogger(__name__)

KEPT = "but no mail leaves this machine while it is tried out"
GROUP_SECONDS = 3600.0
"""No group takes longer in all; every step on the way has a deadline of its own."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """What the attempts of one worker process share."""

    writer: Writer
    engine: Engine
    snapshots: Snapshots
    chooser: Chooser
    context: DeliveryContext
    outcomes: Outcomes

    def run(self, ids: Sequence[int], token: int) -> None:
        """Attempt a leased group. Blocks its thread until every result is recorded."""
        recipients = readers.run(load_recipients, ids, token).result()
        waiting = self._settle_finished(recipients, token)
        if not waiting:
            return
        choice, rules = self._choose(waiting)
        others = tuple(each.id for each in waiting if each.id not in rules)
        if others:
            self.writer.submit(ReturnRecipients(others, token)).result()
        begin = BeginAttempts(tuple(rules.items()), token, choice.transport.name)
        begun = {each.recipient_id: each for each in self.writer.submit(begin).result()}
        started = [each for each in waiting if each.id in begun]
        if started:
            recording = Recording(self.writer, self.outcomes, choice, token, started, begun)
            self._deliver(choice, started, token, recording)

    def _settle_finished(self, recipients: Sequence[WaitingRecipient], token: int) -> list[WaitingRecipient]:
        """The recipients that are worth another attempt. The sender is told about the others."""
        now = clock.now()
        finished = [r for r in recipients if r.attempts >= r.maximum_attempts or now >= r.expires]
        for future in [self.writer.submit(self.outcomes.given_up(each, token)) for each in finished]:
            forgive_stale(future)
        return [each for each in recipients if each not in finished]

    def _choose(self, recipients: Sequence[WaitingRecipient]) -> tuple[Choice, dict[int, str]]:
        """The first recipient's transport, and the rule of each recipient that shares its next hop."""
        snapshot = self.snapshots.current()
        first: Choice | None = None
        hop = ""
        rules: dict[int, str] = {}
        for recipient in recipients:
            choice = self._stay_here(
                self.chooser.choose(snapshot, journey_of(recipient), recipient.demanded)
            )  # fmt: skip
            next_hop = choice.next_hop(recipient.address.domain)
            if first is None:
                first, hop = choice, next_hop
            if next_hop == hop and choice.transport is first.transport:
                rules[recipient.id] = choice.rule
        assert first is not None
        return first, rules

    def _stay_here(self, choice: Choice) -> Choice:
        """While moxsite is tried out, nothing but a configured failure takes the way the routes say."""
        tryout = self.outcomes.tryout
        if tryout is None or choice.transport.kind.name == "fail":
            return choice
        return Choice(tryout.transport, f"{choice.rule}; {KEPT}")

    def _deliver(
        self, choice: Choice, recipients: Sequence[WaitingRecipient], token: int, recording: Recording
    ) -> None:
        arriving: SimpleQueue[Mapping[RecipientKey, RecipientResult] | None] = SimpleQueue()
        ids = tuple(each.id for each in recipients)
        delivering = self.engine.submit(
            deliver_keeping_leases(
                choice.transport,
                group_of(recipients),
                replace(self.context, settled=arriving.put),
                lambda: self.writer.submit(RenewLeases(ids, token)),
                GROUP_SECONDS,
            )
        )
        delivering.add_done_callback(lambda _: arriving.put(None))
        while (settled := arriving.get()) is not None:
            recording.note(settled)
        recording.note(_results(delivering))
        recording.finish()


def journey_of(recipient: WaitingRecipient) -> Journey:
    """What the routes go by for this recipient."""
    sender = recipient.message.sender
    return Journey(
        recipient.message.account_id,
        sender.domain if sender else "",
        recipient.address.domain,
        recipient.attempts,
    )


def _results(delivering: "Future[GroupResult]") -> Mapping[RecipientKey, RecipientResult]:
    """What a transport gave; nothing when it failed in a way that it should not."""
    try:
        return delivering.result().results
    except Exception:
        log.exception("a transport failed")
        return {}
