import threading
from pathlib import Path

import pytest
from django.test import override_settings

from delivery.queue.waking import OtherHosts, wake_dispatchers
from mail.store import readers
from tests.world.workers import missing_redis, redis_server
from tests.world.world import World


class Host:
    """Dispatchers that listen in a folder, and how often they were woken from elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.woken = 0
        self.others = OtherHosts(self._wake, folder)

    def _wake(self) -> None:
        self.woken += 1

    def wakes(self, other: "Host") -> int:
        """Wake others until that one has heard of it; how often that took."""
        times, before = 0, other.woken
        while other.woken == before:
            readers.run(wake_dispatchers, self.folder).result()
            times += 1
            threading.Event().wait(0.02)
        return times


def each_hears_the_other_but_not_itself(folder: Path) -> None:
    here, there = Host(folder / "here"), Host(folder / "there")
    here.others.start()
    there.others.start()
    try:
        from_here = here.wakes(there)
        from_there = there.wakes(here)
        assert 0 < there.woken <= from_here
        assert 0 < here.woken <= from_there
    finally:
        here.others.stop()
        there.others.stop()


@pytest.mark.only_database("postgresql")
def test_postgresql_carries_wake_ups_from_other_hosts_only(world: World, tmp_path: Path) -> None:
    each_hears_the_other_but_not_itself(tmp_path)


@pytest.mark.external
@pytest.mark.only_database("sqlite")
def test_redis_carries_them_where_it_is_named(world: World, tmp_path: Path) -> None:
    if missing_redis():
        pytest.skip("redis-server is not installed")
    with redis_server(tmp_path) as url, override_settings(MOXSITE_REDIS_URL=url):
        each_hears_the_other_but_not_itself(tmp_path)


@pytest.mark.only_database("sqlite")
def test_with_sqlite_alone_there_are_no_other_hosts(world: World, tmp_path: Path) -> None:
    hosts = OtherHosts(lambda: None, tmp_path)
    hosts.start()
    wake_dispatchers(tmp_path)
    hosts.stop()
