"""Mailboxes of the cast, and mail in them."""

from mail.models import Account, Mailbox
from mail.store.accept import AcceptMessage
from tests.world.letters import letter, new_content, to_inbox
from tests.world.world import World


def named(account: Account, name: str) -> Mailbox:
    """The account's mailbox of this name, as it is now."""
    return Mailbox.objects.get(account=account, name=name)


def fill(world: World, account: Account, *subjects: str, mailbox: str = "Inbox") -> None:
    """Put a letter with each subject into a mailbox, in this order."""
    contents = [new_content(letter(subject)) for subject in subjects]
    for future in [
        world.writer.submit(AcceptMessage(each, (to_inbox(account, mailbox=mailbox),))) for each in contents
    ]:
        future.result()


def subjects_in(world: World, account: Account, mailbox: str = "Inbox") -> list[str]:
    """What is in a mailbox, in uid order."""
    return [message.content.subject for message in world.messages(account, mailbox)]
