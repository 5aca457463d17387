"""Cutting what programs write into header and body, and completing it."""

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.sendmail.configuration import Configuration
from delivery.sendmail.letter import read_letter
from delivery.sendmail.options import Options
from delivery.sendmail.reading import read_message
from delivery.sendmail.submission import Submission, make_submission
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from mail.addresses.parse import parse_address

ALICE = parse_address("alice@example.org")
PLAIN = TlsPolicy(TlsMode.NONE, verify=False)
HOST = Configuration("host.example", "localhost", 25, PLAIN)
CONFIGURED = Configuration(
    "host.example", "localhost", 25, PLAIN, sender=ALICE, default_destination=parse_address("bob@example.org")
)


def submission(
    message: bytes, *recipients: str, configuration: Configuration = CONFIGURED, **options: object
) -> Submission:
    words = Options(recipients=list(recipients), **options)  # type: ignore[arg-type]
    letter = read_letter(read_message(io.BytesIO(message), dot_is_text=True))
    return make_submission(letter, words, configuration)


def field(made: Submission, name: str) -> list[str]:
    """The lines of a field in the message that is sent."""
    header = made.content.partition(b"\r\n\r\n")[0].decode()
    return re.findall(rf"^{name}: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", header, re.MULTILINE | re.IGNORECASE)


def recipients(made: Submission) -> list[str]:
    return [str(address) for address in made.recipients.addresses]


@pytest.mark.parametrize(
    ("message", "header", "body"),
    [
        (b"Subject: a\n b\n\nbody", b"Subject: a\r\n b\r\n", b"body\r\n"),
        (b"From root Mon Jan  1\nSubject: a\n\n\nbody\n", b"Subject: a\r\n", b"\r\nbody\r\n"),
        (b"Subject: a\nno field here\nbody\n", b"Subject: a\r\n", b"no field here\r\nbody\r\n"),
        (b"no header at all\n", b"", b"no header at all\r\n"),
        (b"\nbody\n", b"", b"body\r\n"),
        (b" begins with a space\n", b"", b" begins with a space\r\n"),
        (b"Subject: only\n", b"Subject: only\r\n", b""),
        (b"A: 1\rB: 2\r\n\rbody\r", b"A: 1\r\nB: 2\r\n", b"body\r\n"),
        (b"", b"", b""),
    ],
)
def test_header_and_body(message: bytes, header: bytes, body: bytes) -> None:
    letter = read_letter(read_message(io.BytesIO(message), dot_is_text=False))
    assert (bytes(letter.header), letter.body) == (header, body)


@given(st.lists(st.sampled_from([b"A: b", b" c", b"", b"\n", b"\r", b"\r\n", b".", b"x", b"Bcc: d@e"])))
def test_any_input_becomes_proper_lines_without_bcc(pieces: list[bytes]) -> None:
    content = submission(b"".join(pieces), "carol@remote.example").content
    header, separator, _ = content.partition(b"\r\n\r\n")
    assert separator
    assert b"\nBcc:" not in header
    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (b"", "alice@example.org"),
        (b"From: root (Cron Daemon)\n", "Cron Daemon <alice@example.org>"),
        (b'From: "root" <root@host.example>\n', "root <alice@example.org>"),
        (b"From: root@localhost\n", "alice@example.org"),
        (b"From: Bob <bob@example.org>\n", "Bob <bob@example.org>"),
        (b"From: Bob\n <bob@example.org>\nFrom: root\n", "Bob <bob@example.org>"),
        ("From: Jürgen <root>\n".encode(), "=?utf-8?q?J=C3=BCrgen?= <alice@example.org>"),
    ],
)
def test_an_author_without_domain_becomes_the_configured_one(written: bytes, sent: str) -> None:
    made = submission(written + b"Subject: x\n\n", "carol@remote.example")
    assert field(made, "From") == [sent]
    assert str(made.sender) == "alice@example.org"


def test_names_from_the_command_line() -> None:
    made = submission(b"\nbody\n", "carol@remote.example", name='Q "Cron" (x)', sender="carol@b.example")
    assert field(made, "From") == ['"Q \\"Cron\\" (x)" <carol@b.example>']
    assert str(made.sender) == "carol@b.example"
    assert submission(b"\n", "carol@remote.example", sender="").sender is None
    assert str(submission(b"\n", "c@d.example", sender="root").sender) == "alice@example.org"
    assert (
        str(submission(b"\n", "c@d.example", sender="www", configuration=HOST).sender) == "www@host.example"
    )


def test_local_users_get_the_default_destination_or_the_host_name() -> None:
    words = ["root", "root@localhost", "Carol <carol@remote.example>, (x) root"]
    assert recipients(submission(b"\n", *words)) == ["bob@example.org", "carol@remote.example"]
    assert recipients(submission(b"\n", *words, configuration=HOST))[0] == "root@host.example"
    assert recipients(submission(b"To: root\n\n", from_header=True)) == ["bob@example.org"]


def test_resent_fields_alone_count_where_there_are_any() -> None:
    message = b"To: old@remote.example\nResent-To: new@remote.example\nResent-Bcc: bob@example.org\n\n"
    made = submission(message, from_header=True)
    assert recipients(made) == ["new@remote.example", "bob@example.org"]
    assert field(made, "Resent-Bcc") == []


def test_a_lone_recipient_is_named_and_several_or_hidden_ones_are_not() -> None:
    assert field(submission(b"\n", "carol@remote.example"), "To") == ["carol@remote.example"]
    several = submission(b"\n", "carol@remote.example", "dave@remote.example")
    hidden = submission(b"Bcc: carol@remote.example\n\n", from_header=True)
    assert field(several, "To") == field(hidden, "To") == ["undisclosed-recipients:;"]
    assert field(submission(b"Cc: x@remote.example\n\n", "carol@remote.example"), "To") == []


def test_what_tls_has_to_be_is_told() -> None:
    demanding = replace(CONFIGURED, require_tls="yes")
    relaxed = replace(CONFIGURED, require_tls="no")
    made = submission(b"\n", "carol@remote.example", configuration=demanding)
    assert made.outgoing(smtputf8_offered=True).require_tls
    assert field(made, "TLS-Required") == []
    made = submission(b"\n", "carol@remote.example", configuration=relaxed)
    assert not made.outgoing(smtputf8_offered=True).require_tls
    assert field(made, "TLS-Required") == ["No"]


def test_a_date_and_an_id_that_are_there_stay() -> None:
    made = submission(b"date: yesterday\nMESSAGE-ID: <1@x>\n\n", "carol@remote.example")
    assert field(made, "Date") == ["yesterday"]
    assert field(made, "Message-ID") == ["<1@x>"]
