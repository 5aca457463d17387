import io
import re

import pytest
from django.core.management import CommandError, call_command

from delivery.smtp.server.backend import Service
from mail.configuration.sections import LogLevels
from mail.configuration.snapshot import compile_snapshot
from mail.models import LogLevel
from mail.store.writer import stop_writer
from tests.world.smtp_process import MailProcess
from tests.world.waiting import wait_until
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def loglevel(*words: str) -> str:
    said = io.StringIO()
    call_command("loglevel", *words, stdout=said)
    return said.getvalue()


def test_levels_are_listed_and_a_package_has_the_level_of_what_is_around_it(world: World) -> None:
    assert loglevel() == "all others: info\n"
    loglevel("delivery", "debug")
    loglevel("delivery.smtp", "TRACE")
    assert loglevel() == "all others: info\ndelivery: debug\ndelivery.smtp: trace\n"
    assert loglevel("delivery.queue.lanes") == "delivery.queue.lanes: debug (as delivery)\n"
    assert loglevel("mail") == "mail: info (as all others)\n"


def test_one_word_is_the_level_of_all_others(world: World) -> None:
    loglevel("warning")
    assert compile_snapshot().section(LogLevels).default == "warning"
    loglevel("default")
    assert compile_snapshot().section(LogLevels).default == "info"


def test_a_package_can_be_given_back_to_the_rest(world: World) -> None:
    loglevel("delivery", "debug")
    loglevel("delivery", "default")
    loglevel("delivery", "default")
    assert not LogLevel.objects.exists()


def test_a_name_under_which_nothing_logs_is_doubted(world: World) -> None:
    for package, doubted in (("delivery.qeue", True), ("delivery.queue.lanes", False), ("nowhere", True)):
        said = io.StringIO()
        call_command("loglevel", package, "debug", stdout=io.StringIO(), stderr=said)
        assert bool(said.getvalue()) is doubted, package


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("delivery", "loud"), "'loud' is no log level: use one of error, warning"),
        (("not a package", "debug"), "Name a package"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(world: World, words: tuple[str, ...], reason: str) -> None:
    with pytest.raises(CommandError, match=re.escape(reason)):
        loglevel(*words)
    assert not LogLevel.objects.exists()


def test_a_running_process_follows_and_shows_passwords_at_traceauth_alone(world: World) -> None:
    """The password is sent as the client sends it: in base64."""
    secret = "AGFsaWNlAGNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="
    assert world.alice
    stop_writer()
    with MailProcess(world, world.folder) as process:
        process.start()

        def log_in_at(level: str) -> str:
            before = len(process.log)
            loglevel("delivery.smtp", level)
            wait_until(lambda: "configuration loaded" in process.log[before:], "the level is loaded")
            with process.connect(Service.SUBMISSIONS) as dialogue:
                dialogue.expect("235", f"AUTH PLAIN {secret}")
            return process.log[before:]

        assert "AUTH" not in log_in_at("debug")
        traced = log_in_at("trace")
        assert "AUTH PLAIN ***" in traced
        assert secret not in traced
        assert world.password not in traced
        assert secret in log_in_at("traceauth")
