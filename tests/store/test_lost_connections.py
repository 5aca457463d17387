"""What happens when the database server cuts a connection off."""

import pytest
from django.db import connection, transaction

from mail.store import writer as writer_module
from mail.store.writer import CommitUnknown
from tests.world.letters import accept_letter, letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("postgresql")

_CUT = "SELECT pg_terminate_backend(pg_backend_pid())"


def cut_off_writers() -> None:
    """End every connection of the database but this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_write_after_the_connection_was_lost_gets_a_new_one(world: World) -> None:
    world.writer.submit(accept_letter(letter("one"), world.alice)).result()
    cut_off_writers()
    world.writer.submit(accept_letter(letter("two"), world.alice)).result()
    assert [message.content.subject for message in world.messages(world.alice)] == ["one", "two"]


def test_a_commit_that_was_cut_off_is_not_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account = world.alice
    apply = writer_module._apply_by_kind

    def apply_then_lose_the_connection(*arguments: object) -> list[object]:
        results = apply(*arguments)  # type: ignore[arg-type]
        with pytest.raises(Exception, match="terminat"), connection.cursor() as cursor:
            cursor.execute(_CUT)
        return results

    with monkeypatch.context() as patched:
        patched.setattr(writer_module, "_apply_by_kind", apply_then_lose_the_connection)
        write = world.writer.submit(accept_letter(letter("cut off"), account))
        with pytest.raises(CommitUnknown):
            write.result()
    world.writer.submit(accept_letter(letter("next"), account)).result()
    assert not transaction.get_connection().in_atomic_block
    assert [message.content.subject for message in world.messages(account)] == ["next"]
