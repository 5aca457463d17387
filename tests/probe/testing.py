"""Running a test of a transport against servers on loopback."""

import asyncio
from collections.abc import Mapping

from delivery.probe.probe import Trial, run_trial
from delivery.probe.report import ProbeReport, WayReport
from delivery.transports.group import DeliveryContext
from delivery.transports.kinds import kind_named
from mail.dns.resolver import Resolver
from tests.transports.delivering import CAROL, SENDER, Elsewhere

RELAY = "relay.example"


def probe(
    elsewhere: Elsewhere,
    kind: str,
    settings: Mapping[str, object] | None = None,
    *,
    sender: str = SENDER,
    recipient: str = CAROL,
) -> ProbeReport:
    """Test a transport of this kind."""
    chosen = kind_named(kind)
    context = DeliveryContext(
        resolver=Resolver(elsewhere.dns.address, try_seconds=0.5, deadline_seconds=1),
        trust=elsewhere.trust,
        ehlo_name="mail.example.org",
        remote_port=elsewhere.port or 1,
    )
    trial = Trial("relay", chosen, chosen.read(settings or {}), sender, recipient)
    return asyncio.run(run_trial(trial, context))


def through_relay(
    elsewhere: Elsewhere, kind: str = "submission", *, recipient: str = CAROL, **more: object
) -> WayReport:
    """The only way of a relay on loopback."""
    settings: dict[str, object] = {"host": RELAY, "port": elsewhere.port, **more}
    (way,) = probe(elsewhere, kind, settings, recipient=recipient).ways
    return way


def names(way: WayReport) -> list[str]:
    """The steps with the sign of their result."""
    return [f"{'' if step.succeeded else '!'}{step.name}" for step in way.steps]
