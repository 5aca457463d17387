"""The command line, with the options that programs have used for forty years."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.sendmail.calling import sendmail_arguments
from delivery.sendmail.options import WrongUsage, read_options


@pytest.mark.parametrize(
    "line",
    [
        # cron, mutt, git send-email, PHP, mailx, logwatch
        "-FCronDaemon -i -odi -oem -oi -f root@host.example carol@remote.example",
        "-F CronDaemon -i -B8BITMIME -oem -froot@host.example carol@remote.example",
        "-oem -oi -r root@host.example -N never -R hdrs -V id -- carol@remote.example",
        "-i -f root@host.example -bm -odb -O DeliveryMode=b -h 20 -Lsm carol@remote.example",
        "-Zfoo -ti --unknown=x --strange -froot@host.example carol@remote.example",
    ],
)
def test_values_of_options_are_never_taken_for_recipients(line: str) -> None:
    options = read_options(line.split())
    assert options.recipients == ["carol@remote.example"]
    assert options.sender == "root@host.example"
    assert options.dot_is_text
    assert options.show is None


def test_letters_may_stand_together() -> None:
    options = read_options(["-tivFRobot", "-f", "<>"])
    assert (options.from_header, options.dot_is_text, options.verbose) == (True, True, True)
    assert (options.name, options.sender) == ("Robot", "")


def test_what_follows_two_dashes_is_a_recipient() -> None:
    assert read_options(["--", "-t", "--"]).recipients == ["-t", "--"]
    assert read_options(["carol", "--"]).recipients == ["carol"]


@pytest.mark.parametrize("mode", ["-bs", "-bd", "-bt", "-bv"])
def test_modes_of_a_mail_server_are_refused(mode: str) -> None:
    with pytest.raises(WrongUsage, match=mode):
        read_options([mode, "carol@remote.example"])


@given(st.lists(st.text(max_size=6) | st.sampled_from(["-", "--", "-t", "-f", "-x", "--config", "-b"])))
def test_any_words_are_understood_or_refused_with_a_reason(words: list[str]) -> None:
    with suppress(WrongUsage):
        assert all(word in words for word in read_options(words).recipients)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["manage.py", "sendmail", "-t"], ["-t"]),
        (["manage.py", "--loglevel", "debug", "sendmail", "-t"], ["--loglevel", "debug", "-t"]),
        (["manage.py", "--loglevel=debug", "sendmail"], ["--loglevel=debug"]),
        (["/usr/sbin/sendmail", "sendmail"], ["sendmail"]),
        (["/usr/bin/mailq"], ["-bp"]),
        (["manage.py", "serve", "sendmail"], None),
        (["manage.py"], None),
        ([], None),
    ],
)
def test_it_knows_when_it_is_meant(argv: list[str], words: list[str] | None) -> None:
    assert sendmail_arguments(argv) == words
