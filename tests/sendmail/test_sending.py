"""sendmail hands its input to the configured server."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sendmail.calling import LETTER, ROOT, Sendmail
from tests.world.authority import Authority
from tests.world.smtp_peer import Ordinary, SmtpPeer

CAROL = "carol@remote.example"


def test_the_message_reaches_the_server_with_what_it_lacked(sendmail: Sendmail) -> None:
    with SmtpPeer(Ordinary()) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        done = sendmail(CAROL)
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"")
    assert peer.lines[0] == "EHLO host.example"
    assert peer.lines[1].startswith("MAIL FROM:<alice@example.org>")
    assert "RCPT TO:<carol@remote.example>" in peer.lines
    assert peer.lines[-1] == "QUIT"
    (message,) = peer.messages
    assert message.endswith(LETTER.replace(b"\n", b"\r\n") + b".\r\n")
    added = message.removesuffix(LETTER.replace(b"\n", b"\r\n") + b".\r\n")
    assert re.fullmatch(rb"Date: [^\r]+ \+0000\r\nMessage-ID: <[^\r@]+@host\.example>\r\n", added)
    assert sendmail.kept() == []


@pytest.mark.parametrize("program", [("-m", "delivery.sendmail"), ("sendmail",)])
def test_it_answers_to_its_other_names(sendmail: Sendmail, program: tuple[str, ...], tmp_path: Path) -> None:
    if program == ("sendmail",):
        (tmp_path / "sendmail").symlink_to(ROOT / "manage.py")
        program = (str(tmp_path / "sendmail"),)
    with SmtpPeer(Ordinary()) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        assert sendmail(CAROL, program=program).returncode == 0
    assert len(peer.messages) == 1


def test_neither_django_nor_celery_is_needed() -> None:
    code = "import sys, delivery.sendmail.command; sys.exit(len({'django', 'celery'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_it_logs_in_over_starttls(sendmail: Sendmail, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    password = tmp_path / "password"
    password.write_text("sehr geheim\n")
    script = Ordinary(tls=authority.server("localhost"), login={"alice": "sehr geheim"})
    with SmtpPeer(script) as peer:
        sendmail.configure(
            peer,
            'tls = "starttls"',
            f'ca_file = "{authority.ca_file}"',
            'username = "alice"',
            'password_file = "password"',
        )
        done = sendmail("-f", "alice@example.org", CAROL)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(peer.messages) == 1


def test_recipients_in_the_header_are_taken_with_t_and_bcc_is_not_sent(sendmail: Sendmail) -> None:
    message = (
        b"To: Carol <carol@remote.example>, friends: dave@remote.example\n (Dave, who is late), "
        b'"e v e"@remote.example;\n'
        b"Cc: <erin@remote.example>\nBcc: bob@example.org,\n frank@remote.example\nSubject: party\n\nyes\n"
    )
    with SmtpPeer(Ordinary()) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        assert sendmail("-t", "grace@remote.example", message=message).returncode == 0
    named = [line[9:-1] for line in peer.lines if line.startswith("RCPT TO:")]
    assert sorted(named) == sorted(
        [
            *(f"{name}@remote.example" for name in ("carol", "dave", '"e v e"', "erin", "frank", "grace")),
            "bob@example.org",
        ]
    )
    assert b"Bcc" not in peer.messages[0]
    assert b"frank" not in peer.messages[0]
    assert b"friends: dave@remote.example\r\n (Dave, who is late)" in peer.messages[0]


def test_a_single_dot_ends_the_input_unless_it_is_text(sendmail: Sendmail) -> None:
    message = LETTER + b".\nbehind the dot\n"
    with SmtpPeer(Ordinary()) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        assert sendmail(CAROL, message=message).returncode == 0
        assert sendmail("-oi", CAROL, message=message).returncode == 0
    assert peer.messages[0].endswith(b"How are you?\r\n.\r\n")
    assert peer.messages[1].endswith(b"How are you?\r\n..\r\nbehind the dot\r\n.\r\n")


def test_eight_bit_text_and_international_addresses(sendmail: Sendmail) -> None:
    message = "Subject: Grüße\n\nschön\n".encode()
    with SmtpPeer(Ordinary()) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        assert sendmail("jürgen@bücher.example", message=message).returncode == 0
    (mail,) = [line for line in peer.lines if line.startswith("MAIL")]
    assert mail.endswith("BODY=8BITMIME SMTPUTF8")
    assert "RCPT TO:<jürgen@xn--bcher-kva.example>" in peer.lines


def test_utf_8_in_a_subject_goes_to_old_servers_and_an_address_does_not(sendmail: Sendmail) -> None:
    message = "Subject: Grüße\n\nschön\n".encode()
    with SmtpPeer(Ordinary(extensions=("8BITMIME",))) as peer:
        sendmail.configure(peer, 'from = "alice@example.org"')
        assert sendmail(CAROL, message=message).returncode == 0
        done = sendmail("jürgen@remote.example", message=message)
    assert done.returncode == 69
    assert b"SMTPUTF8" in done.stderr
    assert len(peer.messages) == 1


def test_the_conversation_is_shown_with_v_without_the_password(sendmail: Sendmail) -> None:
    with SmtpPeer(Ordinary(login={"alice": "sehr geheim"})) as peer:
        sendmail.configure(
            peer,
            'from = "alice@example.org"',
            'username = "alice"',
            'password = "sehr geheim"',
            'auth_method = "PLAIN"',
        )
        done = sendmail("-v", "--loglevel", "trace", CAROL)
    assert done.returncode == 0
    assert b"> RCPT TO:<carol@remote.example>" in done.stderr
    assert b"< 250 2.0.0 queued as 123" in done.stderr
    assert b"> AUTH PLAIN ***" in done.stderr
