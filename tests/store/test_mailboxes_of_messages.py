"""The database itself keeps a mailbox as long as it holds messages."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from mail.models import Mailbox
from mail.store.consistency import inconsistencies
from mail.store.mailbox_changes import CreateMailbox
from tests.world.databases import Databases
from tests.world.letters import accept_letter, letter
from tests.world.mailboxes import named
from tests.world.world import World


def remove(mailbox: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM mail_mailbox WHERE id = %s", [mailbox])


def test_a_mailbox_is_not_removed_while_it_holds_a_message(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    world.writer.submit(CreateMailbox(world.alice.pk, "Empty")).result()
    with pytest.raises(IntegrityError):
        remove(world.inbox(world.alice).pk)
    remove(named(world.alice, "Empty").pk)
    assert Mailbox.objects.filter(account=world.alice, name="Inbox").exists()
    assert not inconsistencies()


def test_a_mailbox_and_its_messages_may_go_in_one_transaction(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    inbox = world.inbox(world.alice).pk
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM mail_mailbox WHERE id = %s", [inbox])
        cursor.execute("DELETE FROM mail_message WHERE mailbox_id = %s", [inbox])
        cursor.execute("UPDATE mail_content SET doubtful = %s", [True])
        cursor.execute("UPDATE mail_account_counters SET bytes = 0 WHERE account_id = %s", [world.alice.pk])
    assert not Mailbox.objects.filter(pk=inbox).exists()


def test_a_database_with_mail_gets_the_new_check_and_can_go_back(
    databases: Databases, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kind = "postgresql"
    if kind not in request.config.getoption("--databases") or databases.missing(kind):
        pytest.skip(databases.missing(kind) or f"{kind} was not asked for")
    before = ("mail", "0008_search")
    with databases.of_migrations(kind, tmp_path, before):
        tables = MigrationExecutor(connection).loader.project_state([before]).apps
        mailbox = tables.get_model("mail", "Mailbox").objects.create(id=7, name="Old", uidvalidity=1)
        content = tables.get_model("mail", "Content").objects.create(id=8, touched=0)
        tables.get_model("mail", "Message").objects.create(
            id=9, mailbox=mailbox, uid=1, modseq=1, created_modseq=1, content=content, size=0, received=0
        )
        for version in ("0009", "0008"):
            call_command("migrate", "mail", version, verbosity=0)
            with pytest.raises(IntegrityError):
                remove(7)
