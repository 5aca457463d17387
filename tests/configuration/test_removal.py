"""Removing an account with its mail."""

from mail.configuration.removal import count_messages, remove_account
from mail.models import Account, Content, Login, Mailbox, Message
from tests.world.letters import accept_letter, letter
from tests.world.world import World


def test_everything_of_the_account_goes_and_nothing_of_others(world: World) -> None:
    world.writer.submit(accept_letter(letter("for both"), world.alice, world.bob)).result()
    world.writer.submit(accept_letter(letter("for alice"), world.alice)).result()
    assert count_messages(world.alice) == 2
    remove_account(Account.objects.get(pk=world.alice.pk))
    assert not Mailbox.objects.filter(account__name="alice").exists()
    assert not Login.objects.filter(name="alice").exists()
    assert len(world.messages(world.bob)) == 1
    assert Message.objects.count() == 1


def test_contents_that_nobody_refers_to_are_left_to_the_sweeper(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    remove_account(Account.objects.get(pk=world.alice.pk))
    assert Content.objects.get().doubtful


def test_the_login_of_an_admin_stays(world: World) -> None:
    Login.objects.filter(account=world.alice).update(is_staff=True)
    remove_account(Account.objects.get(pk=world.alice.pk))
    assert Login.objects.get(name="alice").account is None
