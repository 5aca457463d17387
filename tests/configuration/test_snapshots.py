"""The compiled configuration follows the database."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection

from mail.configuration.generation import read_generation
from mail.configuration.rules.domains import DomainRules
from mail.configuration.sections import HostedDomains, LogLevels
from mail.configuration.snapshot import InvalidConfiguration, Snapshot, compile_snapshot
from mail.configuration.snapshots import Snapshots
from mail.models import Domain, LogLevel
from tests.world.world import World

LONG = 20.0
"""Seconds; how long a test waits for an event that should come at once."""


@pytest.fixture
def snapshots(world: World) -> Iterator[Snapshots]:
    made = Snapshots(poll_seconds=0.02)
    yield made
    made.stop()


def break_configuration() -> None:
    """What validation would refuse, past validation."""
    Domain.objects.update(localpart_separators=[""])


def test_a_snapshot_holds_domains_and_log_levels(world: World) -> None:
    assert world.example_org
    LogLevel.objects.create(package="", level="warning")
    LogLevel.objects.create(package="delivery.queue", level="debug")
    snapshot = compile_snapshot()
    domains = snapshot.section(HostedDomains)
    assert domains.get("example.org") == DomainRules("example.org", ("+",))
    assert domains.get("b.example") is None
    assert snapshot.section(LogLevels) == LogLevels("warning", {"delivery.queue": "debug"})


def test_without_log_levels_the_level_is_info(world: World) -> None:
    assert compile_snapshot().section(LogLevels).default == "info"


def test_a_snapshot_can_not_be_changed(world: World) -> None:
    domains = compile_snapshot().section(HostedDomains)
    with pytest.raises(TypeError):
        domains.by_name["x.example"] = DomainRules("x.example")  # type: ignore[index]


def test_an_unchanged_configuration_is_not_compiled_again(world: World, snapshots: Snapshots) -> None:
    assert snapshots.refresh_now() is snapshots.refresh_now()


def test_the_watcher_notices_a_change(world: World, snapshots: Snapshots) -> None:
    snapshots.start()
    assert world.example_org
    assert snapshots.wait_for(read_generation(), LONG)
    assert snapshots.current().section(HostedDomains).get("example.org") is not None


def test_a_bulk_change_past_the_models_is_noticed(world: World, snapshots: Snapshots) -> None:
    assert world.example_org
    snapshots.start()
    Domain.objects.update(disabled=True)
    assert snapshots.wait_for(read_generation(), LONG)
    rules = snapshots.current().section(HostedDomains).get("example.org")
    assert rules is not None
    assert rules.disabled


def test_a_change_is_noticed_without_a_poke(world: World, snapshots: Snapshots) -> None:
    seen = threading.Event()
    snapshots.start()

    def follow(snapshot: Snapshot) -> None:
        if snapshot.section(HostedDomains).by_name:
            seen.set()

    snapshots.on_change(follow)
    assert world.example_org
    assert seen.wait(LONG)


def test_an_invalid_configuration_is_refused_and_the_old_one_stays(
    world: World, snapshots: Snapshots, caplog: pytest.LogCaptureFixture
) -> None:
    assert world.example_org
    before = snapshots.start()
    break_configuration()
    assert snapshots.wait_for(read_generation(), LONG)
    assert snapshots.current() is before
    refusal = snapshots.refusal
    assert refusal is not None
    assert refusal.generation == read_generation()
    assert refusal.reason.startswith("domain example.org: A separator can't be empty")
    assert "the configuration is refused" in caplog.text


def test_a_refused_configuration_is_compiled_once(
    world: World, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.example_org
    snapshots.refresh_now()
    break_configuration()
    compiled = []

    def count() -> Snapshot:
        compiled.append(1)
        return compile_snapshot()

    monkeypatch.setattr("mail.configuration.snapshots.compile_snapshot", count)
    snapshots.refresh_now()
    snapshots.refresh_now()
    assert len(compiled) == 1


def test_a_repaired_configuration_is_taken(world: World, snapshots: Snapshots) -> None:
    assert world.example_org
    snapshots.refresh_now()
    break_configuration()
    snapshots.refresh_now()
    Domain.objects.update(localpart_separators=["-"])
    rules = snapshots.refresh_now().section(HostedDomains).get("example.org")
    assert rules is not None
    assert rules.separators == ("-",)
    assert snapshots.refusal is None


def test_without_an_earlier_snapshot_an_invalid_configuration_is_an_error(
    world: World, snapshots: Snapshots
) -> None:
    assert world.example_org
    break_configuration()
    with pytest.raises(InvalidConfiguration, match=r"domain example\.org"):
        snapshots.start()
    with pytest.raises(InvalidConfiguration, match=r"domain example\.org"):
        snapshots.refresh_now()


def test_followers_are_called_with_each_snapshot(world: World, snapshots: Snapshots) -> None:
    seen: list[int] = []
    snapshots.on_change(lambda snapshot: seen.append(snapshot.generation))
    first = snapshots.refresh_now().generation
    assert world.example_org
    snapshots.refresh_now()
    assert seen == [first, first + 1]


def test_a_follower_that_comes_late_gets_the_present_snapshot(world: World, snapshots: Snapshots) -> None:
    seen: list[Snapshot] = []
    present = snapshots.refresh_now()
    snapshots.on_change(seen.append)
    assert seen == [present]


def test_a_failing_follower_does_not_keep_others_from_the_snapshot(
    world: World, snapshots: Snapshots, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(snapshot: Snapshot) -> None:
        raise RuntimeError("no")

    seen: list[Snapshot] = []
    snapshots.on_change(fail)
    snapshots.on_change(seen.append)
    assert snapshots.refresh_now() in seen
    assert "a follower of the configuration failed" in caplog.text


def test_a_change_while_compiling_leads_to_a_consistent_snapshot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.example_org
    numbers = iter([7, 8])
    monkeypatch.setattr(
        "mail.configuration.snapshot.read_generation", lambda: next(numbers, read_generation())
    )
    assert compile_snapshot().generation == read_generation()


def test_a_database_that_fails_for_a_while_changes_nothing(
    world: World, snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    before = snapshots.start()
    failed = threading.Event()

    def fail() -> int:
        failed.set()
        raise OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr("mail.configuration.snapshots.read_generation", fail)
        snapshots.poke()
        assert failed.wait(LONG)
        assert snapshots.current() is before
    assert world.example_org
    assert snapshots.wait_for(read_generation(), LONG)


def test_waiting_for_a_change_that_does_not_come_ends(world: World, snapshots: Snapshots) -> None:
    snapshots.start()
    assert not snapshots.wait_for(read_generation() + 1, 0.01)


def test_reading_the_generation_is_one_small_query(world: World) -> None:
    assert connection.queries_limit
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM mail_generation")
        assert cursor.fetchone() == (1,)
    assert world.example_org
    before = read_generation()
    world.example_org.disabled = True
    world.example_org.save()
    assert read_generation() == before + 1
