"""Which commits wait for the disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db import connection

from mail.store.write import Transaction, Write, applies
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class AskHowLasting(Write):
    """Gives the database's setting for the commit it is in."""


@dataclass(frozen=True, slots=True)
class AskInPassing(AskHowLasting):
    """The same, without a promise."""

    is_promise: ClassVar[bool] = False


@applies(AskInPassing)
@applies(AskHowLasting)
def ask(current: Transaction, writes: Sequence[AskHowLasting]) -> list[str]:
    question = "PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit"
    return [str(current.rows(question)[0][0]) for _ in writes]


def test_only_a_promise_waits_for_the_disk(world: World) -> None:
    waits, does_not = ("2", "1") if connection.vendor == "sqlite" else ("on", "off")
    for _ in range(2):
        assert world.writer.submit(AskInPassing()).result() == does_not
        assert world.writer.submit(AskHowLasting()).result() == waits
