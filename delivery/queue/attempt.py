"""One attempt for one group of recipients, from its lease to its results.

1. Load what is still leased. What has expired, used up its attempts or is suppressed is settled at once.
2. Evaluate the routes. Recipients that do not share the first one's next hop and TLS demand are returned.
3. Where the transport has limits, ask for room at the destination. What there is none for waits again.
4. Count the attempt and write the next one's time before anything is dialed.
5. Deliver on the engine's loop, keeping the lease meanwhile.
6. Record each result as it comes, failures with a notice to the sender in the same commit. What was delivered
   is handed to the writer by the engine's loop itself; over a session no message ends before that is on disk.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from delivery.engine import Engine
from delivery.queue.admission import Admission, Admissions, nobody
from delivery.queue.arriving import Arriving
from delivery.queue.begin import BeginAttempts
from delivery.queue.choice import Choice, Chooser, Journey
from delivery.queue.keeping import deliver_keeping_leases
from delivery.queue.leases import RenewLeases, ReturnRecipients
from delivery.queue.load import WaitingRecipient, load_recipients
from delivery.queue.notifying import with_notices
from delivery.queue.outcome import Outcomes
from delivery.queue.outgoing import group_of
from delivery.queue.recording import Recording, wait_for_records
from delivery.queue.results import RecordResults
from delivery.queue.suppressing import Suppressed, find_suppressed
from delivery.queue.trouble import TransportTroubles
from delivery.transports.group import DeliveryContext, GroupResult
from mail import clock
from mail.addresses.address import Address
from mail.configuration.snapshots import Snapshots
from mail.store import readers
from mail.store.writer import Writer

log = logging.getLogger(__name__)

KEPT = "but no mail leaves this machine while it is tried out"
GROUP_SECONDS = 3600.0
"""No group takes longer in all; every step on the way has a deadline of its own."""


Suppressions = Mapping[tuple[int, Address], Suppressed]


@dataclass(frozen=True, slots=True)
class Attempts:
    """What the attempts of one worker process share."""

    writer: Writer
    engine: Engine
    snapshots: Snapshots
    chooser: Chooser
    context: DeliveryContext
    outcomes: Outcomes
    wake: Callable[[], None] = nobody
    """Tells dispatchers that a connection to a destination with limits is free again."""
    troubles: TransportTroubles = field(default_factory=TransportTroubles)

    def run(self, ids: Sequence[int], token: int) -> None:
        """Attempt a leased group. Blocks its thread until every result is recorded."""
        recipients, suppressed = readers.run(_load, ids, token).result()
        waiting = self._settle_finished(recipients, suppressed, token)
        if not waiting:
            return
        choice, rules = self._choose(waiting)
        others = tuple(each.id for each in waiting if each.id not in rules)
        if others:
            self.writer.submit(ReturnRecipients(others, token)).result()
        sharing = [each for each in waiting if each.id in rules]
        with Admissions(self.writer, self.wake).admit(choice, sharing, token) as admission:
            self._attempt(
                choice, sharing, {id_: rules[id_] for id_ in admission.recipients}, token, admission
            )

    def _attempt(
        self,
        choice: Choice,
        waiting: Sequence[WaitingRecipient],
        rules: Mapping[int, str],
        token: int,
        admission: Admission,
    ) -> None:
        if not rules:
            return
        begin = BeginAttempts(tuple(rules.items()), token, choice.transport.name)
        begun = {each.recipient_id: each for each in self.writer.submit(begin).result()}
        started = [each for each in waiting if each.id in begun]
        if started:
            recording = Recording(
                self.writer, self.engine.handing_in, self.outcomes, choice, token, started, begun
            )
            self._deliver(choice, started, token, recording, admission)

    def _settle_finished(
        self, recipients: Sequence[WaitingRecipient], suppressed: Suppressions, token: int
    ) -> list[WaitingRecipient]:
        """The recipients that are worth another attempt. The sender is told about the others."""
        now = clock.now()
        waiting, found = [], []
        for each in recipients:
            entry = suppressed.get((each.message.account_id or 0, each.address))
            if each.attempts >= each.maximum_attempts or now >= each.expires:
                found.append(self.outcomes.given_up(each, token))
            elif entry is not None:
                found.append(self.outcomes.suppressed(each, token, entry))
            else:
                waiting.append(each)
        if results := with_notices(self.outcomes.notices, found):
            wait_for_records(self.writer, results, self.writer.submit(RecordResults(tuple(results))))
        return waiting

    def _choose(self, recipients: Sequence[WaitingRecipient]) -> tuple[Choice, dict[int, str]]:
        """The first recipient's transport, and the rule of each that shares its next hop and TLS demand."""
        snapshot = self.snapshots.current()
        first: Choice | None = None
        hop, tls_demand = "", recipients[0].tls_demand
        rules: dict[int, str] = {}
        for recipient in recipients:
            choice = self._stay_here(
                self.chooser.choose(snapshot, journey_of(recipient), recipient.demanded)
            )  # fmt: skip
            next_hop = choice.next_hop(recipient.address.domain)
            if first is None:
                first, hop = choice, next_hop
            same_way = next_hop == hop and choice.transport is first.transport
            if same_way and recipient.tls_demand == tls_demand:
                rules[recipient.id] = choice.rule
        assert first is not None
        return first, rules

    def _stay_here(self, choice: Choice) -> Choice:
        """While moxsite is tried out, nothing but a configured failure takes the way the routes say."""
        tryout = self.outcomes.tryout
        if tryout is None or not tryout.takes(choice.transport):
            return choice
        return Choice(tryout.transport, f"{choice.rule}; {KEPT}")

    def _deliver(
        self,
        choice: Choice,
        recipients: Sequence[WaitingRecipient],
        token: int,
        recording: Recording,
        admission: Admission,
    ) -> None:
        arriving = Arriving()
        ids = tuple(each.id for each in recipients)

        def settled(group: GroupResult) -> Future[Any]:
            return arriving.put(group) if recording.needs_reading(group) else recording.note_on_loop(group)

        context = replace(self.context, settled=settled)
        if admission.counts_connections:
            context = replace(context, connections=None)

        def renew() -> None:
            self.writer.submit(RenewLeases(ids, token))
            admission.renew()

        async def deliver() -> GroupResult:
            group = group_of(recipients)
            with recording.on_loop():
                return await deliver_keeping_leases(choice.transport, group, context, renew, GROUP_SECONDS)

        delivering = self.engine.submit(deliver())
        delivering.add_done_callback(lambda _: arriving.end())
        arriving.note_all(recording.note)
        result = _results(delivering)
        recording.note(result)
        recording.finish()
        self.troubles.note(self.writer, choice.transport, result.results.values())


def _load(ids: Sequence[int], token: int) -> tuple[list[WaitingRecipient], Suppressions]:
    """The recipients that are still leased, and the entries of suppression lists that concern them."""
    recipients = load_recipients(ids, token)
    asked = [(r.message.account_id, r.address) for r in recipients if r.message.account_id is not None]
    return recipients, find_suppressed(asked)


def journey_of(recipient: WaitingRecipient) -> Journey:
    """What the routes go by for this recipient."""
    sender = recipient.message.sender
    return Journey(
        recipient.message.account_id,
        sender.domain if sender else "",
        recipient.address.domain,
        recipient.attempts,
    )


def _results(delivering: "Future[GroupResult]") -> GroupResult:
    """What a transport gave; nothing when it failed in a way that it should not."""
    try:
        return delivering.result()
    except Exception:
        log.exception("a transport failed")
        return GroupResult({})
