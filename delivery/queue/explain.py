"""Why a message goes the way it goes: every rule with its reason, the transport, and the attempts to come.

Nothing is decided here: the rules, the transport and the times are what attempts themselves go by.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from delivery.queue.choice import Chooser, Journey
from delivery.queue.explain_transport import TransportFacts, transport_facts
from delivery.queue.schedule import DEFAULT_MAXIMUM_ATTEMPTS, next_attempt_delay
from delivery.queue.tryout import Tryout
from delivery.routing.decision import Examined
from mail import clock
from mail.configuration.sections import HostedDomains
from mail.configuration.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the journey of a message and what the queue may have noted for it.

    `demanded` is the transport that an admin set. `due` is when the attempt that is asked about is made,
    `expires` when no further one begins; `message_id` shifts the times as that message's are.
    """

    journey: Journey
    due: clock.Moment
    demanded: str = ""
    maximum_attempts: int = DEFAULT_MAXIMUM_ATTEMPTS
    expires: clock.Moment | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class ComingAttempt:
    """An attempt that is made if those before fail for now. `after`: microseconds since the first of them."""

    number: int
    due: clock.Moment
    after: int
    transport: str
    rule: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer. `overruled` says what decides before any rule is asked; empty when the rules decide."""

    question: Question
    examined: tuple[Examined, ...]
    rule: str
    overruled: str
    transport: TransportFacts
    coming: tuple[ComingAttempt, ...]
    kept_here: bool
    """Whether moxsite is tried out: the transport is not used, the try-out account gets the mail."""
    hosted: str
    """The recipient's domain if it is one of this server, whose mailboxes get new mail without the queue."""


def explain(
    chooser: Chooser, snapshot: Snapshot, question: Question, tryout: Tryout | None = None
) -> Explanation:
    """What would happen, by this configuration. For any thread but an event loop's."""
    decision = chooser.decide(snapshot, question.journey)
    domain = question.journey.recipient_domain
    is_new = question.message_id is None
    choice = chooser.choose(snapshot, question.journey, question.demanded)
    overruled = "" if choice.rule == decision.rule else choice.rule
    examined = decision.examined
    if overruled:
        examined = tuple(replace(each, decides=False, asked=False) for each in examined)
    return Explanation(
        question=question,
        examined=examined,
        rule=choice.rule,
        overruled=overruled,
        transport=transport_facts(choice.transport, domain),
        coming=tuple(_coming(chooser, snapshot, question)),
        kept_here=tryout is not None and tryout.takes(choice.transport),
        hosted=domain if is_new and snapshot.section(HostedDomains).get(domain) is not None else "",
    )


def _coming(chooser: Chooser, snapshot: Snapshot, question: Question) -> Iterator[ComingAttempt]:
    """The attempt asked about and those after it, each with the choice for its own number."""
    due, made = question.due, question.journey.attempts_made
    while made < max(question.maximum_attempts, question.journey.attempts_made + 1):
        if question.expires is not None and due >= question.expires:
            return
        journey = replace(question.journey, attempts_made=made)
        choice = chooser.choose(snapshot, journey, question.demanded)
        yield ComingAttempt(
            made + 1, due, due - question.due, choice.transport.shown_name, choice.rule
        )  # fmt: skip
        made += 1
        delay = next_attempt_delay(made, question.maximum_attempts, seed=question.message_id)
        if delay is None:
            return
        due += delay
