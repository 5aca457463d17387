"""Configured log levels take effect when they change."""

import logging
from collections.abc import Iterator

import pytest

from mail.configuration.snapshots import Snapshots
from mail.models import LogLevel
from moxsite.logs.configured import use_levels
from moxsite.logs.levels import use_flag
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def snapshots(world: World) -> Iterator[Snapshots]:
    made = Snapshots()
    made.on_change(use_levels)
    yield made
    made.stop()
    use_flag(None, until_configured=False)


def test_a_change_of_levels_takes_effect(snapshots: Snapshots) -> None:
    snapshots.refresh_now()
    assert logging.getLogger("delivery.queue").getEffectiveLevel() == logging.INFO
    LogLevel.objects.create(package="delivery.queue", level="debug")
    snapshots.refresh_now()
    assert logging.getLogger("delivery.queue").getEffectiveLevel() == logging.DEBUG
    assert logging.getLogger("mail").getEffectiveLevel() == logging.INFO


def test_the_flag_of_a_command_wins(snapshots: Snapshots) -> None:
    use_flag("error", until_configured=False)
    snapshots.refresh_now()
    assert logging.getLogger("mail").getEffectiveLevel() == logging.ERROR


def test_the_flag_of_a_server_holds_until_the_configuration_is_loaded(snapshots: Snapshots) -> None:
    use_flag("error", until_configured=True)
    assert logging.getLogger("mail").getEffectiveLevel() == logging.ERROR
    snapshots.refresh_now()
    assert logging.getLogger("mail").getEffectiveLevel() == logging.INFO
