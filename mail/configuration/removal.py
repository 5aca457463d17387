"""Removing an account with all of its mail."""

from django.db import connection, transaction

from mail import clock
from mail.models import Account, Login, Message


def count_messages(account: Account) -> int:
    """How many messages the account has in its mailboxes."""
    return Message.objects.filter(mailbox__account=account).count()


@transaction.atomic
def remove_account(account: Account) -> None:
    """Remove the account, its addresses, routes, login and mail. What it has queued is still delivered.

    The login of an admin stays, for the admin pages alone. The sweeper removes the contents that nothing
    refers to any more. The account's addresses must not be members of aliases any more.
    """
    Login.objects.filter(account=account, is_staff=True).update(account=None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM mail_account_counters WHERE account_id = %s" + _lock(), [account.pk])
        cursor.execute(
            "UPDATE mail_content SET doubtful = %s, touched = %s WHERE id IN (SELECT m.content_id "
            "FROM mail_message m JOIN mail_mailbox b ON b.id = m.mailbox_id WHERE b.account_id = %s)",
            [True, clock.now(), account.pk],
        )
        cursor.execute(
            "DELETE FROM mail_message WHERE mailbox_id IN "
            "(SELECT id FROM mail_mailbox WHERE account_id = %s)",
            [account.pk],
        )
    account.delete()


def _lock() -> str:
    """Writers of mail lock the counters first; SQLite has one lock for everything, which is held."""
    return "" if connection.vendor == "sqlite" else " FOR UPDATE"
