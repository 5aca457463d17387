"""An explanation as lines for a terminal, and as values for JSON."""

from collections.abc import Iterator
from typing import Any

from delivery.queue.explain import ComingAttempt, Explanation
from delivery.routing.decision import Examined
from delivery.routing.routes import Criterion
from mail import clock
from mail.addresses.domain import display_domain

KEPT_HERE = "moxsite is being tried out: no mail leaves this machine, the try-out account gets it"


def hosted_here(domain: str) -> str:
    """What is to be said of a recipient whose domain is one of this server."""
    return (
        f"{display_domain(domain)} is a domain of this server: what accounts send there is put into "
        "mailboxes at once, and no route or transport has a part in it"
    )


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """Every rule, the one that decides, the transport, the coming attempts; last “transport: NAME”."""
    if explanation.overruled:
        yield f"No rule is asked: {explanation.overruled}."
    for examined in explanation.examined:
        yield from _rule_lines(examined)
    yield f"= {explanation.rule}"
    yield from _transport_lines(explanation)
    yield "attempts:"
    for coming in explanation.coming:
        yield f"  {coming.number}  {_when(coming)}  {coming.transport}  ({coming.rule})"
    if explanation.hosted:
        yield f"note: {hosted_here(explanation.hosted)}"
    elif explanation.kept_here:
        yield f"note: {KEPT_HERE}"
    yield f"transport: {explanation.transport.name}"


def _rule_lines(examined: Examined) -> Iterator[str]:
    sign = "+" if examined.decides else "-"
    behind = "" if examined.asked else "  (not asked)"
    yield f"{sign} {examined.rule} → {examined.transport}{behind}"
    for criterion in examined.criteria:
        yield f"    {_criterion_line(criterion)}"


def _criterion_line(criterion: Criterion) -> str:
    answer = "true " if criterion.holds else "false"
    return f"{answer}  {criterion.name}: wants {criterion.wanted}; is {criterion.compared}"


def _transport_lines(explanation: Explanation) -> Iterator[str]:
    transport = explanation.transport
    yield f"{transport.name}, kind {transport.kind}" + (
        f": can’t be used, {transport.unusable}" if transport.unusable else ""
    )
    for host in transport.hosts:
        yield f"    to {host}"
    for label, value in transport.settings:
        yield f"    {label}: {value}"


def _when(coming: ComingAttempt) -> str:
    moment = f"{clock.as_datetime(coming.due):%Y-%m-%d %H:%M:%SZ}"
    return f"{moment} (+{_span(coming.after)})"


def _span(microseconds: int) -> str:
    """Hours, minutes and seconds: 3h45m00s."""
    minutes, seconds = divmod(microseconds // clock.SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m{seconds:02}s"


def explanation_values(explanation: Explanation) -> dict[str, Any]:
    """The same as plain values. Times are ISO 8601 in UTC, spans are seconds."""
    journey, transport = explanation.question.journey, explanation.transport
    return {
        "sender_domain": journey.sender_domain,
        "recipient_domain": journey.recipient_domain,
        "attempt": journey.attempts_made + 1,
        "rules": [_rule_values(examined) for examined in explanation.examined],
        "overruled": explanation.overruled,
        "rule": explanation.rule,
        "transport": transport.name,
        "kind": transport.kind,
        "hosts": list(transport.hosts),
        "settings": dict(transport.settings),
        "unusable": transport.unusable,
        "kept_here": explanation.kept_here,
        "delivered_here": bool(explanation.hosted),
        "attempts": [
            {
                "number": coming.number,
                "due": f"{clock.as_datetime(coming.due):%Y-%m-%dT%H:%M:%SZ}",
                "after_seconds": coming.after / clock.SECOND,
                "transport": coming.transport,
                "rule": coming.rule,
            }
            for coming in explanation.coming
        ],
    }


def _rule_values(examined: Examined) -> dict[str, Any]:
    return {
        "level": examined.level.value,
        "number": examined.number,
        "rule": examined.rule,
        "transport": examined.transport,
        "asked": examined.asked,
        "matches": examined.matches,
        "decides": examined.decides,
        "criteria": [
            {
                "name": criterion.name,
                "wanted": criterion.wanted,
                "compared": criterion.compared,
                "holds": criterion.holds,
            }
            for criterion in examined.criteria
        ],
    }
