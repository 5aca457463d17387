import pytest

from mail.configuration.rules.keywords import keyword_problem
from mail.models import Flag
from mail.store.flags import SetFlags
from tests.world.mailboxes import fill, named
from tests.world.world import World


def test_keywords_come_and_go_beside_flags(world: World) -> None:
    fill(world, world.alice, "one", "two")
    inbox = named(world.alice, "Inbox").pk
    both = SetFlags(world.alice.pk, inbox, (1, 2), add=Flag.SEEN, add_keywords=("work", "$Label1"))
    assert world.writer.submit(both).result() == [1, 2]
    one = SetFlags(world.alice.pk, inbox, (1,), add_keywords=("later",), remove_keywords=("WORK",))
    assert world.writer.submit(one).result() == [1]
    assert [message.keywords for message in world.messages(world.alice)] == [
        ["$Label1", "later"],
        ["work", "$Label1"],
    ]


def test_a_keyword_in_another_spelling_is_the_same(world: World) -> None:
    fill(world, world.alice, "one")
    inbox = named(world.alice, "Inbox").pk
    world.writer.submit(SetFlags(world.alice.pk, inbox, (1,), add_keywords=("Work",))).result()
    again = SetFlags(world.alice.pk, inbox, (1,), add_keywords=("work",), remove_keywords=("other",))
    assert world.writer.submit(again).result() == []


@pytest.mark.parametrize(
    "text", ["", "two words", "ein\tTab", "grün", "a" * 101, "all*", 'say"', "back\\slash"]
)
def test_what_imap_can_not_carry_is_no_keyword(text: str) -> None:
    assert keyword_problem(text)


@pytest.mark.parametrize("text", ["work", "$Forwarded", "to-do", "a" * 100])
def test_words_and_well_known_keywords_are_fine(text: str) -> None:
    assert not keyword_problem(text)
