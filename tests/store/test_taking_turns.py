"""Writers of several processes, which SQLite lets write one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from unittest.mock import Mock

import pytest
from django.db import connection

from mail.database.turnstile import Turnstile
from mail.store.write import Transaction, Write, applies
from tests.world.waiting import wait_until
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@dataclass(frozen=True, slots=True)
class AskWithHowMany(Write):
    """Gives how many of its kind were committed together; a faulty one can't be committed."""

    is_faulty: bool = False


@applies(AskWithHowMany)
def ask(current: Transaction, writes: Sequence[AskWithHowMany]) -> list[int]:
    if any(write.is_faulty for write in writes):
        raise LookupError("made to fail")
    return [len(writes)] * len(writes)


def another_process() -> Turnstile:
    return Turnstile(str(connection.settings_dict["NAME"]))


def test_what_comes_while_another_process_writes_is_committed_together(world: World) -> None:
    with another_process().turn():
        first = world.writer.submit(AskWithHowMany())
        wait_until(lambda: world.writer.backlog == 0, "the writer waits with the first")
        others = [world.writer.submit(AskWithHowMany()) for _ in range(4)]
    assert [done.result(timeout=60) for done in (first, *others)] == [5] * 5


def test_a_failed_write_leaves_the_turn_to_others(world: World) -> None:
    with pytest.raises(LookupError):
        world.writer.submit(AskWithHowMany(is_faulty=True)).result(timeout=60)
    with another_process().turn():
        waiting = world.writer.submit(AskWithHowMany())
        assert not waiting.done()
    assert waiting.result(timeout=60) == 1


def test_a_turnstile_that_fails_fails_one_write_and_not_the_writer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Turnstile, "take", Mock(side_effect=OSError("no descriptor is left")))
        with pytest.raises(OSError, match="no descriptor"):
            world.writer.submit(AskWithHowMany()).result(timeout=60)
    assert world.writer.submit(AskWithHowMany()).result(timeout=60) == 1
