"""What sendmail says, returns and keeps when a message does not get through."""

import base64
import socket
import stat
from pathlib import Path

import pytest

from tests.sendmail.calling import LETTER, Sendmail
from tests.world.authority import Authority
from tests.world.smtp_peer import Ordinary, SmtpPeer

CAROL, DAVE = "carol@remote.example", "dave@remote.example"


def test_every_recipient_has_its_own_answer_and_the_message_is_kept(sendmail: Sendmail) -> None:
    with SmtpPeer(Ordinary(rcpt={DAVE: "550 5.1.1 no Dave here"})) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        done = sendmail(CAROL, DAVE)
    assert done.returncode == 67
    assert b"sendmail: dave@remote.example: 550 5.1.1 no Dave here\n" in done.stderr
    assert b"carol" not in done.stderr
    assert len(peer.messages) == 1
    (kept,) = sendmail.kept()
    assert str(kept).encode() in done.stderr
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    text = kept.read_bytes()
    assert text.startswith(b"X-Moxsite-Sendmail-To: dave@remote.example\r\n")
    assert text.endswith(LETTER.replace(b"\n", b"\r\n"))


def test_a_kept_message_can_be_sent_as_it_is(sendmail: Sendmail) -> None:
    message = b"To: carol@remote.example\nBcc: dave@remote.example\n\nhi\n"
    sendmail.configure(_closed_port(), 'from = "alice@example.org"')
    assert sendmail("-t", message=message).returncode == 75
    (kept,) = sendmail.kept()
    with SmtpPeer(Ordinary()) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        assert sendmail("-t", "-i", message=kept.read_bytes()).returncode == 0
    assert [line for line in peer.lines if "dave" in line]
    assert b"X-Moxsite" not in peer.messages[0]


@pytest.mark.parametrize(
    ("script", "status"),
    [
        (Ordinary(mail="451 4.3.0 later"), 75),
        (Ordinary(end=("554 5.7.1 spam",)), 69),
        (Ordinary(greeting="554 5.7.1 go away"), 69),
    ],
)
def test_the_exit_status_tells_what_kind_of_failure_it_was(
    sendmail: Sendmail, script: Ordinary, status: int
) -> None:
    with SmtpPeer(script) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        assert sendmail(CAROL).returncode == status
    assert len(sendmail.kept()) == 1


def test_an_untrusted_certificate_ends_it(sendmail: Sendmail, tmp_path: Path) -> None:
    with SmtpPeer(Ordinary(tls=Authority(tmp_path).server("localhost"))) as peer:
        sendmail.configure(peer, 'tls = "starttls"')
        done = sendmail(CAROL)
    assert done.returncode == 76
    assert not [line for line in peer.lines if line.startswith("MAIL")]


def test_a_login_that_fails_shows_no_secret_even_if_the_server_repeats_it(sendmail: Sendmail) -> None:
    secret = base64.b64encode(b"\0alice\0sehr geheim").decode()

    class Gossip(Ordinary):
        def _authenticate(self, peer: object, rest: str) -> str:
            return f"535 5.7.8 'sehr geheim' in {secret} is wrong"

    with SmtpPeer(Gossip(login={})) as peer:
        login = ('username = "alice"', 'password = "sehr geheim"', 'auth_method = "PLAIN"')
        sendmail.configure(peer, *login)
        done = sendmail("-v", CAROL)
    assert done.returncode == 77
    assert b"535 5.7.8 '***' in *** is wrong" in done.stderr
    for text in (done.stderr, sendmail.kept()[0].read_bytes()):
        assert b"geheim" not in text
        assert secret.encode() not in text


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (('tls = "sometimes"',), b"tls must be one of"),
        (('username = "alice"',), b"belong together"),
        (('username = "alice"', 'password = "a"', 'password_file = "b"'), b"can't both be given"),
        (('password = "sehr geheim"', "colour = 1"), b"belong together"),
        (('require_tls = "yes"',), b"require_tls needs TLS"),
        (("colour = 1",), b"colour is no known key"),
        (('auth_method = "MAGIC"',), b"auth_method must be"),
        (('from = "sehr geheim',), b"is not TOML"),
    ],
)
def test_a_wrong_configuration_is_named_without_its_values_and_the_message_is_kept(
    sendmail: Sendmail, lines: tuple[str, ...], said: bytes
) -> None:
    sendmail.configure(25, *lines)
    done = sendmail(CAROL)
    assert done.returncode == 78
    assert said in done.stderr
    assert b"geheim" not in done.stderr
    assert sendmail.kept()[0].read_bytes().endswith(b"How are you?\r\n")


def test_without_a_home_directory_it_says_that_the_message_is_lost(sendmail: Sendmail) -> None:
    sendmail.environment["HOME"] = "/nonexistent"
    sendmail.configure(_closed_port(), 'from = "alice@example.org"')
    done = sendmail(CAROL)
    assert done.returncode == 75
    assert b"the message is lost" in done.stderr


def test_a_word_that_is_no_address_does_not_stop_the_others(sendmail: Sendmail) -> None:
    with SmtpPeer(Ordinary()) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        done = sendmail("not an address@", CAROL)
    assert done.returncode == 65
    assert len(peer.messages) == 1
    assert b"no address" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [((), b"no recipient"), (("-bs",), b"-bs (SMTP on standard input)"), (("-f",), b"-f needs a value")],
)
def test_a_command_line_that_makes_no_sense(sendmail: Sendmail, words: tuple[str, ...], said: bytes) -> None:
    done = sendmail(*words)
    assert done.returncode == 64
    assert said in done.stderr
    assert sendmail.kept() == []


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port
