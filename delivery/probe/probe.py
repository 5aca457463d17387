"""Testing a transport by delivering nothing: its own code runs, and stops before the message. Pure."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import Final

from delivery.mx import mail_exchangers
from delivery.probe.diagnosis import Failure, diagnose, failure_of
from delivery.probe.recorder import Recorder, session_steps
from delivery.probe.report import Diagnosis, ProbeReport, Step, WayReport
from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.rehearsal import Rehearsal
from delivery.smtp.client.results import Outcome
from delivery.smtp.client.timeouts import Timeouts
from delivery.transports.dialing import resolve
from delivery.transports.group import DeliveryContext, Group, GroupResult, HostTry, Mail
from delivery.transports.hosts import RelayHosts
from delivery.transports.kind import Kind
from delivery.transports.smarthost import SmarthostSettings
from mail import clock

DEADLINE_SECONDS = 25.0
"""For the whole test; people wait for it."""

HOST_LIMIT = 5
"""Hosts of a relay that are tested, all at the same time."""

NOBODY: Final = "postmaster@example.invalid"
"""Stands for the recipient where none is told to a server."""

_NOTHING: Final[tuple[bytes, ...]] = ()

TIMEOUTS: Final = Timeouts(
    connect=8, setup=20, greeting=10, command=10, handshake=8, data=10, block=10, end=10, quit=2, session=25
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tested: a transport's kind and settings, with an envelope if there is a recipient.

    Addresses are in SMTP form; the sender "" is the null sender.
    """

    transport: str
    kind: Kind
    settings: object
    sender: str = ""
    recipient: str = ""


async def run_trial(trial: Trial, context: DeliveryContext) -> ProbeReport:
    """Test every host of a relay, or the servers of the recipient's domain. Takes at most DEADLINE_SECONDS.

    Raises ValueError when a kind that asks the recipient's domain is given no recipient.
    """
    if not trial.recipient and trial.kind.by_domain:
        raise ValueError("a recipient is needed: its domain says which servers there are")
    began = clock.monotonic()
    ways = await asyncio.gather(*(_Way(each, title, context).report() for title, each in _ways(trial)))
    return ProbeReport(trial.transport, tuple(ways), clock.monotonic() - began)


def _ways(trial: Trial) -> Iterator[tuple[str, Trial]]:
    """A relay's hosts each by itself: an attempt would ask the second only when the first fails."""
    settings = trial.settings
    if not isinstance(settings, SmarthostSettings):
        yield trial.recipient.rpartition("@")[2] or trial.kind.name, trial
        return
    for host in settings.hosts[:HOST_LIMIT]:
        alone = replace(settings, relay=RelayHosts((host,)))
        yield f"{host.name}:{host.port}", replace(trial, settings=alone)


class _Way:
    """One run of the transport."""

    def __init__(self, trial: Trial, title: str, context: DeliveryContext) -> None:
        self._trial = trial
        self._title = title
        self._recorder = Recorder()
        self._context = replace(
            context, observer=self._recorder, timeouts=TIMEOUTS, settled=None, connections=None
        )
        self._lookups: list[Step] = []

    async def report(self) -> WayReport:
        """Whatever happens, there is a report of what was seen until then."""
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._look_up()
                began = self._recorder.seconds
                result = await self._deliver()
        except TimeoutError:
            text = f"the test was not over within {DEADLINE_SECONDS:g} s"
            advice = "See the last step of the conversation: that host answers too slowly."
            return self._finish(False, (Diagnosis("takes too long", text, advice),), 0.0)
        (of_recipient,) = result.results.values()
        succeeded = of_recipient.outcome is Outcome.DELIVERED
        relay = not self._trial.kind.by_domain
        diagnoses = list(_failed_hosts(result, relay))
        where = of_recipient.connection
        last = Failure(
            f"{where.host}:{where.port}" if where else self._title,
            of_recipient.stage,
            of_recipient.remote,
            of_recipient.reply,
            relay,
        )
        if not succeeded and (found := diagnose(last)) not in diagnoses:
            diagnoses.append(found)
        return self._finish(succeeded, tuple(diagnoses), began, result.tries)

    async def _deliver(self) -> GroupResult:
        trial = self._trial
        message = Rehearsal(trial.sender, _no_content, 1024, envelope=bool(trial.recipient))
        group = Group((Mail(1, message, (trial.recipient or NOBODY,)),))
        return await trial.kind.deliver(trial.settings, group, self._context)

    def _finish(
        self,
        succeeded: bool,
        diagnoses: tuple[Diagnosis, ...],
        began: float,
        tries: tuple[HostTry, ...] = (),
    ) -> WayReport:
        steps = [*self._lookups, *session_steps(self._recorder.lines, began)]
        steps += _silent_failures(tries, self._lookups)
        return WayReport(self._title, succeeded, tuple(steps), tuple(self._recorder.lines), diagnoses)

    async def _look_up(self) -> None:
        """Ask DNS first, to have times of its own for it; what follows finds the answers in the cache."""
        context, settings = self._context, self._trial.settings
        names: list[str] = []
        if isinstance(settings, SmarthostSettings):
            names = [host.name for host in settings.hosts]
        elif self._trial.kind.by_domain:
            names = await self._look_up_mx(self._trial.recipient.rpartition("@")[2])
        ipv4, ipv6 = getattr(settings, "ipv4", True), getattr(settings, "ipv6", True)
        for name in names:
            began = self._recorder.seconds
            try:
                addresses = await resolve(name, context, ipv4=ipv4, ipv6=ipv6)
            except DeliveryFailure as failure:
                self._note("addresses", began, False, failure.public.text)
            else:
                self._note("addresses", began, True, f"{name}: {', '.join(addresses)}")

    async def _look_up_mx(self, domain: str) -> list[str]:
        began = self._recorder.seconds
        try:
            found = await mail_exchangers(domain, self._context.resolver)
        except DeliveryFailure as failure:
            self._note("MX", began, False, failure.public.text)
            return []
        implicit = "no MX: the domain itself, " if found.implicit else ""
        self._note("MX", began, True, f"{implicit}{', '.join(found.hosts)}")
        return [] if found.ip else list(found.hosts)

    def _note(self, name: str, began: float, succeeded: bool, text: str) -> None:
        self._lookups.append(Step(name, self._recorder.seconds - began, succeeded, text))


def _failed_hosts(result: GroupResult, relay: bool) -> Iterator[Diagnosis]:
    for each in result.tries:
        if each.failure is not None:
            yield diagnose(failure_of(_name(each), each.failure, relay=relay))


def _silent_failures(tries: tuple[HostTry, ...], shown: list[Step]) -> Iterator[Step]:
    """Steps that failed without a reply of the server, or a look-up, to show it."""
    texts = {step.text for step in shown}
    for each in tries:
        failure = each.failure
        if failure is not None and not failure.remote and failure.public.text not in texts:
            yield Step(failure.stage.value, each.seconds, False, f"{_name(each)}: {failure.public.text}")


def _name(host_try: HostTry) -> str:
    return f"{host_try.host}:{host_try.port}"


async def _no_content() -> AsyncIterator[bytes]:
    """Never read: a rehearsal ends before the message."""
    for part in _NOTHING:
        yield part
