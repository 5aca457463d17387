import json
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings

from delivery.models import QueuedRecipient, Transport
from mail.models import Domain, Message
from mail.store.writer import stop_writer
from moxsite.admin.cards.backups import backups_card
from moxsite.backup.errors import BackupError
from moxsite.backup.key import usable_key
from moxsite.backup.making import make_backup
from moxsite.backup.manifest import Manifest
from moxsite.backup.restoring import restore_backup
from moxsite.configfile import export_text
from moxsite.models import BackupRecord
from tests.pages.visiting import send
from tests.program.installation import mode
from tests.program.running import clean_environment, manage
from tests.world.databases import Databases
from tests.world.letters import accept_letter, letter
from tests.world.smtp_process import MailProcess
from tests.world.waiting import wait_until
from tests.world.world import World

pytestmark = pytest.mark.long


class Flow:
    """Letters to alice, one after the other, over one connection to runsmtp."""

    def __init__(self, process: MailProcess) -> None:
        self._process = process
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self.accepted: list[str] = []

    def _send(self) -> None:
        with self._process.connect() as dialogue:
            while not self._finished.is_set():
                subject = f"letter {len(self.accepted)}"
                raw = letter(subject, b"x" * 60 + b"\r\n")
                assert dialogue.deliver(raw, "carol@remote.example", "alice@example.org").startswith("250")
                self.accepted.append(subject)

    def __enter__(self) -> "Flow":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()
        self._thread.join()


def restored(databases: Databases, url: str, folder: Path, *, hold: bool = False) -> str:
    """Restore the copy in a folder into another installation, in this process; what was said."""
    said: list[str] = []
    with databases.use(url), override_settings(DATA=folder / "restored"):
        restore_backup(folder / "copy", said.append, hold=hold)
        connection.close()
    return "\n".join(said)


def test_a_backup_made_while_mail_comes_in_is_whole(
    world: World, databases: Databases, database: str, tmp_path: Path
) -> None:
    assert world.alice
    Transport.objects.create(name="relay", kind="smtp", settings={"hosts": ["relay.example"]})
    send(world, world.alice, "a@x.example")
    stop_writer()
    with MailProcess(world, tmp_path) as process:
        process.start()
        with Flow(process) as flow:
            wait_until(lambda: len(flow.accepted) >= 10, "mail flows")
            before = set(flow.accepted)
            make_backup(tmp_path / "copy")
            after_backup = len(flow.accepted)
            wait_until(lambda: len(flow.accepted) > after_backup, "mail still flows")
        process.stop()
    kind = connection.vendor
    with databases.empty(kind, tmp_path) as url:
        assert "messages are whole" in restored(databases, url, tmp_path, hold=True)
        with databases.use(url):
            exported = export_text()
            assert QueuedRecipient.objects.get().held
            found = {message.content.subject for message in world.messages(world.alice)}
            with pytest.raises(BackupError, match="nothing is overwritten"):
                restore_backup(tmp_path / "copy", print)
    assert "[transports.relay]" in exported
    assert "alice@example.org" in exported
    assert before <= found <= set(flow.accepted)


@pytest.fixture
def small(world: World, tmp_path: Path) -> Path:
    """A backup with one message."""
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    make_backup(tmp_path / "copy")
    return tmp_path / "copy"


@pytest.mark.only_database("sqlite")
def test_nothing_is_overwritten_and_nothing_left_behind(small: Path, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="not empty"):
        make_backup(small)
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(BackupError, match="can't be used"):
        make_backup(blocked)


@pytest.mark.only_database("sqlite")
def test_a_backup_is_for_its_owner_only(small: Path) -> None:
    assert mode(small) == "drwx------"
    for path in small.rglob("*"):
        assert mode(path) in ("drwx------", "-rw-------")


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize("harm", ["changed", "missing", "cut off", "newer", "later tables"])
def test_what_was_altered_is_refused_and_nothing_restored(
    small: Path, databases: Databases, tmp_path: Path, harm: str
) -> None:
    manifest = json.loads((small / "manifest.json").read_text())
    match harm:
        case "changed":
            content = bytearray((small / "database.sqlite3").read_bytes())
            content[-20000] ^= 1
            (small / "database.sqlite3").write_bytes(content)
            reason = "is not as it was written"
        case "missing":
            (small / "database.sqlite3").unlink()
            reason = "is missing"
        case "cut off":
            (small / "manifest.json").unlink()
            reason = "is no backup"
        case "newer":
            (small / "manifest.json").write_text(json.dumps({**manifest, "format": 2}))
            reason = "made by a newer moxsite"
        case _:
            manifest["migrations"]["mail"].append("9999_future")
            (small / "manifest.json").write_text(json.dumps(manifest))
            reason = "does not know mail 9999_future"
    target = tmp_path / "restored"
    url = f"sqlite:///{target / 'moxsite.sqlite3'}"
    with databases.use(url), override_settings(DATA=target), pytest.raises(BackupError, match=reason):
        restore_backup(small, print)
    assert not (target / "moxsite.sqlite3").exists()


@pytest.mark.only_database("sqlite")
def test_the_key_comes_with_the_backup_and_another_one_is_refused(
    databases: Databases, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    environment = clean_environment(first)
    first.mkdir(mode=0o700)
    databases.put_sqlite(first)
    assert manage(["backup", str(tmp_path / "copy")], environment).returncode == 0
    manifest = Manifest.read(tmp_path / "copy")
    with pytest.raises(BackupError, match="Unset MOXSITE_SECRET_KEY"):
        usable_key(tmp_path / "copy", manifest)
    done = manage(["restore", str(tmp_path / "copy")], clean_environment(second))
    assert done.returncode == 0, done.stderr
    key = second / "secrets" / "key"
    assert key.read_bytes() == (first / "secrets" / "key").read_bytes()
    assert mode(key) == "-rw-------"
    assert (second / "secrets" / "key.before-restore").exists(), "the one that restoring itself made"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_of_the_first_version_is_brought_to_this_one(
    databases: Databases, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    if kind not in request.config.getoption("--databases") or databases.missing(kind):
        pytest.skip(databases.missing(kind) or f"{kind} was not asked for")
    first = ("mail", "0002_prepare_database"), ("delivery", "0002_prepare_database")
    with databases.of_migrations(kind, tmp_path, *first), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mail_domain (name, localpart_separators, localpart_case_sensitive, disabled) "
            "VALUES ('example.org', '[]', false, false)"
        )
        make_backup(tmp_path / "copy")
        connection.close()
    assert not (tmp_path / "copy" / "configuration.toml").exists()
    (tmp_path / "new").mkdir()
    with databases.empty(kind, tmp_path / "new") as url:
        assert "Bringing the tables to this version." in restored(databases, url, tmp_path)
        with databases.use(url):
            assert "dmarc_reject = true" in export_text()
            executor = MigrationExecutor(connection)
            assert not executor.migration_plan(executor.loader.graph.leaf_nodes())
            Domain.objects.create(name="new.example")  # a counter that stood still would refuse it


def test_messages_are_counted(world: World, tmp_path: Path) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    made = make_backup(tmp_path / "copy")
    assert made.messages == Message.objects.count() == 1
    assert not made.key_included
    record = BackupRecord.objects.get()
    assert (record.messages, record.size) == (1, made.size)
    assert backups_card().word == "made"
    world.clock.advance(9 * world.clock.DAY)
    assert backups_card().word == "old"
