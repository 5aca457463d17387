"""Owners are warned once when their mailboxes are nearly full."""

import pytest

from delivery.models import LimitNotice
from delivery.quotas.warning import warn_of_quotas
from mail.models import Account, AccountCounters
from tests.world.world import World

SUBJECT = "Your mailbox is 90 % full"


def fill(world: World, size: int) -> list[str]:
    """Let alice keep so many bytes and look; the subjects of what she was told so far."""
    AccountCounters.objects.update(bytes=size)
    warn_of_quotas(world.writer)
    messages = world.messages(world.alice)
    AccountCounters.objects.update(bytes=sum(message.size for message in messages))
    return [message.content.subject for message in messages]


def test_the_owner_is_told_once_until_there_was_room_again(world: World) -> None:
    Account.objects.filter(pk=world.alice.pk).update(quota_mb=10)
    assert fill(world, 8_999_999) == []
    assert fill(world, 9_000_000) == [SUBJECT]
    assert fill(world, 9_900_000) == [SUBJECT]
    assert fill(world, 8_700_000) == [SUBJECT]
    assert fill(world, 9_000_000) == [SUBJECT]
    assert fill(world, 8_000_000) == [SUBJECT]
    assert not LimitNotice.objects.exists()
    assert fill(world, 9_000_000) == [SUBJECT, SUBJECT]


@pytest.mark.only_database("sqlite")
def test_the_warning_says_what_happens_and_what_to_do(world: World) -> None:
    Account.objects.filter(pk=world.alice.pk).update(quota_mb=10)
    fill(world, 9_000_000)
    (message,) = world.messages(world.alice)
    text = " ".join(world.message_bytes(message).decode().split())
    assert "Account alice keeps 9 MB of mail; 10 MB are allowed." in text
    assert "senders are asked to try again later" in text
    assert "raise quota_mb of account alice" in text


@pytest.mark.only_database("sqlite")
def test_a_quota_that_is_taken_away_ends_the_warning(world: World) -> None:
    Account.objects.filter(pk=world.alice.pk).update(quota_mb=10)
    fill(world, 9_000_000)
    Account.objects.update(quota_mb=0)
    assert len(fill(world, 9_000_000)) == 1
    assert not LimitNotice.objects.exists()
