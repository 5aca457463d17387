"""The cast: alice and bob with accounts at example.org, and all that tests ask of their mail."""

import os
from functools import cached_property
from pathlib import Path

from django.db import connections

from delivery.models import Route, Transport
from mail import clock
from mail.configuration.snapshots import snapshots
from mail.guard.guard import stop_guard
from mail.models import Account, Destination, Domain, Login, Mailbox, Message
from mail.models.account import UNLIMITED
from mail.store.consistency import inconsistencies
from mail.store.contents import read
from mail.store.mailboxes import ensure_account_store
from mail.store.readers import stop_readers
from mail.store.writer import Writer, stop_writer, writer

PASSWORD = "correct horse battery"


class World:
    """A database with nobody in it yet; people and domains come to life when a test first names them."""

    password = PASSWORD
    clock = clock

    def __init__(self, database_url: str, folder: Path) -> None:
        self.database_url = database_url
        self.folder = folder

    @cached_property
    def example_org(self) -> Domain:
        """The domain of alice and bob, with “+” as separator."""
        return Domain.objects.create(name="example.org", localpart_separators=["+"])

    @cached_property
    def b_example(self) -> Domain:
        """A second domain served here."""
        return Domain.objects.create(name="b.example")

    @cached_property
    def alice(self) -> Account:
        """alice@example.org"""
        return self.account("alice", self.example_org)

    @cached_property
    def bob(self) -> Account:
        """bob@example.org"""
        return self.account("bob", self.example_org)

    def lift_limits(self, account: Account) -> None:
        """Let the account send as much as it likes."""
        account.max_outgoing_messages_per_day = account.max_first_time_recipients_per_day = UNLIMITED
        account.save()

    def account(self, name: str, domain: Domain) -> Account:
        """An account with a mailbox, an address of its name and a login with the password of all."""
        from mail.identity.passwords import set_main_password

        account = Account.objects.create(name=name, full_name=name.title())
        Destination.objects.create(
            account=account, domain=domain, localpart=name, canonical_localpart=name, mailbox="Inbox"
        )
        ensure_account_store(account)
        login = Login.objects.create(name=name, account=account)
        set_main_password(login, PASSWORD)
        return account

    @cached_property
    def admin(self) -> Login:
        """A login for the admin pages, without an account."""
        from mail.identity.passwords import set_main_password

        login = Login.objects.create(name="admin", is_staff=True)
        set_main_password(login, PASSWORD)
        return login

    def relay_everything(self, port: int) -> None:
        """A global route to a relay on loopback, in clear text."""
        settings = {"hosts": [f"localhost:{port}"], "no_starttls": True}
        transport = Transport(name="relay", kind="smtp", settings=settings)
        transport.save()
        Route(transport=transport).save()

    @property
    def writer(self) -> Writer:
        """This process's writer."""
        return writer()

    def child_environment(self, **more: str) -> dict[str, str]:
        """The environment of a process that works on the same database and code."""
        return {**os.environ, "PYTHONPATH": os.getcwd(), "DATABASE_URL": self.database_url, **more}

    def inbox(self, account: Account) -> Mailbox:
        """The account's Inbox, as it is now."""
        return Mailbox.objects.get(account=account, name="Inbox")

    def messages(self, account: Account, mailbox: str = "Inbox") -> list[Message]:
        """What is in a mailbox, in uid order."""
        found = Message.objects.filter(mailbox__account=account, mailbox__name=mailbox)
        return list(found.select_related("content").order_by("uid"))

    def message_bytes(self, message: Message) -> bytes:
        """A message as its owner reads it: prefix and content."""
        return bytes(message.prefix) + b"".join(read(message.content_id))

    def finish(self) -> None:
        """Everything written, the store must be without contradictions."""
        stop_guard()
        stop_writer()
        assert inconsistencies() == []

    def close(self) -> None:
        """End threads and connections, so that the database can go."""
        stop_guard()
        stop_writer()
        stop_readers()
        snapshots().stop()
        connections.close_all()
