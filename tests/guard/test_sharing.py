"""Several processes with one limiter, through the database."""

import subprocess
import sys

import pytest

from mail import clock
from mail.guard import attempts as attempts_module
from mail.guard.attempts import Attempt, AttemptLog, Protocol, Result, printable
from mail.guard.guard import Guard
from mail.guard.held_back import HeldBack
from mail.guard.pruning import ATTEMPTS_KEPT, prune
from mail.guard.trying import Trying
from mail.limiter.clients import client_of
from mail.limiter.logins import ACCOUNT_WINDOWS, FAILURES
from mail.models import LimiterCount, LoginAttempt
from mail.store.writer import stop_writer
from tests.world.world import World

MALLORY, CAROL = "192.0.2.66", "198.51.100.7"
LIMIT = FAILURES.client[0].limit


def trying(guard: Guard, ip: str = MALLORY, name: str = "alice") -> Trying:
    return Trying(guard, ip, Protocol.SMTP, "PLAIN", name)


def fail(guard: Guard, times: int = 1, ip: str = MALLORY, name: str = "alice") -> None:
    for _ in range(times):
        attempt = trying(guard, ip, name)
        attempt.check()
        attempt.failed()


def is_held_back(guard: Guard, ip: str = MALLORY, name: str = "alice") -> bool:
    try:
        trying(guard, ip, name).check()
    except HeldBack:
        return True
    return False


def test_processes_know_what_others_have_counted(world: World) -> None:
    assert world.alice
    first, second = Guard(), Guard()
    fail(first, LIMIT - 1)
    fail(second, 1)
    for process in (first, second):
        assert not is_held_back(process)
    for process in (first, second, first):
        process.sharing.round()
    for process in (first, second):
        assert is_held_back(process)
    second.logins.succeeded(client_of(MALLORY), clock.now())
    for process in (second, first):
        process.sharing.round()
        assert not is_held_back(process)


def test_a_real_second_process_counts_too(world: World) -> None:
    assert world.alice
    stop_writer()
    here = Guard()
    command = [sys.executable, "tests/guard/failing_elsewhere.py", MALLORY, "alice@example.org", str(LIMIT)]
    done = subprocess.run(command, env=world.child_environment(), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    here.sharing.round()
    assert is_held_back(here)
    attempt = LoginAttempt.objects.get(result=Result.WRONG)
    assert (attempt.login, attempt.login_name, attempt.count) == (
        world.alice.login,
        "alice@example.org",
        LIMIT,
    )
    assert (attempt.ip, attempt.protocol, attempt.mechanism) == (MALLORY, "smtp", "PLAIN")


def test_what_can_not_be_written_is_kept_for_the_next_time(world: World) -> None:
    assert world.alice
    guard = Guard()
    fail(guard, 2)
    stop_writer()
    taken = guard.counts.begin_telling(clock.now())
    guard.counts.not_told()
    assert taken
    guard.sharing.round()
    guard.sharing.round()
    assert {row.count for row in LimiterCount.objects.all()} == {2}
    assert LoginAttempt.objects.get().count == 2


def test_attempts_alike_are_one_row_for_each_day(world: World) -> None:
    assert world.alice
    guard = Guard()
    for _ in range(3):
        fail(guard, 2)
        guard.sharing.round()
    clock.advance(clock.DAY)
    fail(guard)
    fail(guard, 1, MALLORY, "nobody")
    guard.sharing.round()
    rows = [(each.login_name, each.result, each.count) for each in LoginAttempt.objects.order_by("first")]
    assert rows == [("alice", "wrong", 6), ("alice", "wrong", 1), ("nobody", "unknown", 1)]
    first = LoginAttempt.objects.order_by("first").first()
    assert first is not None
    assert first.first < first.last < clock.now() - clock.DAY + clock.MINUTE


def test_attempts_of_a_login_that_is_gone_stay_without_it(world: World) -> None:
    guard = Guard()
    fail(guard, 1, CAROL)
    assert world.alice
    fail(guard)
    world.alice.login.delete()
    guard.sharing.round()
    assert not LoginAttempt.objects.exclude(login=None).exists()
    assert set(LoginAttempt.objects.values_list("result", flat=True)) == {"wrong", "unknown"}


@pytest.mark.parametrize("name", ["a\x00b", "\ud800", "x" * 100_000, "", "\u202ealice", "a\r\nb"])
def test_any_name_can_be_written(world: World, name: str) -> None:
    guard = Guard()
    guard.record(Attempt(printable(name), None, "", "web", "password", "unknown"))
    guard.sharing.round()
    assert LoginAttempt.objects.get().login_name.isprintable()


def test_old_attempts_and_counts_are_forgotten(world: World) -> None:
    assert world.alice
    guard = Guard()
    fail(guard)
    guard.sharing.round()
    assert LimiterCount.objects.count() == sum(
        len(windows) for windows in (FAILURES.client, FAILURES.network, ACCOUNT_WINDOWS)
    )
    clock.advance(ATTEMPTS_KEPT - clock.HOUR)
    fail(guard)
    guard.sharing.round()
    prune(world.writer)
    assert LoginAttempt.objects.count() == 2
    assert {row.count for row in LimiterCount.objects.all()} == {1}
    clock.advance(2 * clock.HOUR)
    prune(world.writer)
    assert LoginAttempt.objects.count() == 1


@pytest.mark.only_database("sqlite")
def test_a_flood_under_unknown_names_pushes_itself_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mail.guard.pruning.MOST_OF_STRANGERS", 10)
    assert world.alice
    guard = Guard()
    fail(guard, 1, CAROL)
    clock.advance(clock.MINUTE)
    for number in range(30):
        clock.advance(clock.SECOND)
        guard.record(Attempt(f"name{number}", None, f"192.0.2.{number}", "smtp", "PLAIN", "unknown"))
    guard.sharing.round()
    prune(world.writer)
    assert LoginAttempt.objects.filter(login=None).count() == 10
    assert LoginAttempt.objects.filter(login=world.alice.login).count() == 1


def test_a_flood_between_two_writes_becomes_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts_module, "MOST_KINDS", 5)
    log = AttemptLog()
    for number in range(100):
        log.add(Attempt(f"name{number}", None, "192.0.2.1", "smtp", "PLAIN", "unknown"), clock.now())
    taken = log.take()
    assert len(taken) == 6
    assert sum(merged.count for _, merged in taken) == 100
    log.put_back(taken)
    assert sum(merged.count for _, merged in log.take()) == 100
