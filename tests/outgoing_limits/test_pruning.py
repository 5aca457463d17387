"""What counts no longer is forgotten; who was written to is not."""

from delivery.models import KnownRecipient, LimitNotice, RecentRecipient
from delivery.outgoing_limits.pruning import prune_recent
from mail import clock
from mail.models import Account
from tests.outgoing_limits.sending import allow, send
from tests.world.world import World


def test_old_recipients_go_in_slices_and_stay_known(world: World) -> None:
    allow(world.alice, messages=1200)
    assert send(world, world.alice, *(f"r{number}@remote.example" for number in range(1200))) is None
    clock.advance(23 * clock.HOUR)
    assert send(world, world.bob, "r0@remote.example") is None
    prune_recent(world.writer)
    assert RecentRecipient.objects.count() == 1201
    assert LimitNotice.objects.count() == 1
    clock.advance(clock.HOUR)
    prune_recent(world.writer)
    assert RecentRecipient.objects.get().account_id == world.bob.pk
    assert KnownRecipient.objects.count() == 1201
    assert not LimitNotice.objects.exists()
    allow(world.alice, messages=1200, recipients=0)
    assert send(world, world.alice, "r7@remote.example") is None


def test_history_goes_with_its_account(world: World) -> None:
    assert send(world, world.alice, "r7@remote.example") is None
    Account.objects.get(pk=world.alice.pk).delete()
    assert not RecentRecipient.objects.exists()
    assert not KnownRecipient.objects.exists()
