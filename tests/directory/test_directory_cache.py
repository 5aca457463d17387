"""The directory of an event loop answers from memory until the configuration changes."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.addresses.address import Address
from mail.configuration.snapshots import Snapshots
from mail.directory import AccountDestination, Directory, NotHosted, UnknownLocalpart
from mail.directory.cache import GenerationCache
from mail.models import Destination, Login
from mail.store import readers
from tests.world.world import World

ALICE = Address("alice", "example.org")
INFO = Address("info", "example.org")


@pytest.fixture
def snapshots(world: World) -> Iterator[Snapshots]:
    assert world.alice
    assert world.bob
    made = Snapshots()
    made.refresh_now()
    yield made
    made.stop()


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was asked of the readers."""
    asked: list[object] = []
    original = readers.run

    def run(function: Callable[..., object], *args: object) -> "Future[object]":
        asked.append(args)
        return original(function, *args)

    monkeypatch.setattr("mail.store.readers.run", run)
    return asked


def test_the_second_answer_comes_from_memory(snapshots: Snapshots, questions: list[object]) -> None:
    async def ask_twice() -> None:
        directory = Directory(snapshots)
        first = await directory.resolve(ALICE)
        assert isinstance(first, AccountDestination)
        assert await directory.resolve(ALICE) is first

    asyncio.run(ask_twice())
    assert len(questions) == 1


def test_an_address_elsewhere_needs_no_look_up(snapshots: Snapshots, questions: list[object]) -> None:
    async def ask() -> None:
        assert await Directory(snapshots).resolve(Address("x", "remote.example")) == NotHosted()

    asyncio.run(ask())
    assert questions == []


def test_a_change_of_the_configuration_is_seen_at_once(world: World, snapshots: Snapshots) -> None:
    async def ask(directory: Directory) -> object:
        return await directory.resolve(INFO)

    directory = Directory(snapshots)
    assert asyncio.run(ask(directory)) == UnknownLocalpart()
    Destination.objects.create(account=world.alice, domain=world.example_org, localpart="info")
    snapshots.refresh_now()
    assert isinstance(asyncio.run(ask(directory)), AccountDestination)


def test_the_postmaster_is_looked_up_each_time(world: World, snapshots: Snapshots) -> None:
    async def ask(directory: Directory) -> str:
        found = await directory.resolve(Address("postmaster", ""))
        assert isinstance(found, AccountDestination)
        return found.account_name

    directory = Directory(snapshots)
    assert asyncio.run(ask(directory)) == "alice"
    Login.objects.filter(account=world.bob).update(is_staff=True)
    assert asyncio.run(ask(directory)) == "bob"


def test_permissions_are_remembered_for_each_account(
    world: World, snapshots: Snapshots, questions: list[object]
) -> None:
    async def ask() -> list[bool]:
        directory = Directory(snapshots)
        return [await directory.may_send_as(account.pk, ALICE) for account in (world.alice, world.bob) * 2]

    assert asyncio.run(ask()) == [True, False, True, False]
    assert len(questions) == 2


def test_an_answer_to_an_old_question_is_not_kept() -> None:
    cache: GenerationCache[str, str] = GenerationCache(10)
    assert cache.get("a", 1) is None
    assert cache.get("b", 2) is None
    cache.put("a", "old", 1)
    assert cache.get("a", 2) is None


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=60))
def test_the_cache_never_grows_beyond_its_size(steps: list[tuple[int, int]]) -> None:
    cache: GenerationCache[int, int] = GenerationCache(5)
    for key, generation in steps:
        known = cache.get(key, generation)
        assert known in (None, key * 10 + generation)
        cache.put(key, key * 10 + generation, generation)
        assert len(cache) <= 5
        assert cache.get(key, generation) == key * 10 + generation
