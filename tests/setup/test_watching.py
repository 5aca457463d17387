"""Each error is told once, and only when it was there twice."""

from mail.models import Domain
from moxsite.setup.dnscheck.findings import Report, Section
from moxsite.setup.models import DomainCheck
from moxsite.setup.watching import watch
from tests.world.world import World


def report(*errors: str) -> Report:
    section = Section("MX")
    for error in errors:
        section.error(error)
    return Report("example.org", (section,))


def told(world: World) -> list[str]:
    return [world.message_bytes(message).decode() for message in world.messages(world.alice)]


def test_what_breaks_is_told_once_when_it_lasts(world: World) -> None:
    domain: Domain = world.alice.destinations.get().domain
    watch(domain, report("old trouble"))
    watch(domain, report("old trouble"))
    assert told(world) == []
    watch(domain, report("old trouble", "for a moment"))
    watch(domain, report("old trouble", "to last"))
    assert told(world) == []
    watch(domain, report("old trouble", "to last"))
    (message,) = told(world)
    assert "MX: to last" in message
    assert "old trouble" not in message
    watch(domain, report("to last"))
    assert len(told(world)) == 1
    assert DomainCheck.objects.get().told == ["MX: to last"]
    watch(domain, report())
    watch(domain, report("to last"))
    watch(domain, report("to last"))
    assert len(told(world)) == 2
