import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail import clock
from mail.mime.dates import parse_date
from mail.mime.generate import (
    Reception,
    date_field,
    format_date,
    message_id_field,
    new_message_id,
    received_field,
)
from mail.mime.headers import HeaderBlock

NOON = clock.from_datetime(datetime.datetime(2025, 7, 1, 12, 0, 0, tzinfo=datetime.UTC))
CAROL = Reception(
    helo="mail.remote.example",
    client_ip="192.0.2.9",
    host="mx.example.org",
    session_id="bcdfghjkmn",
    received=NOON,
)


def replaced(**changes: object) -> Reception:
    values = {name: getattr(CAROL, name) for name in Reception.__slots__}
    return Reception(**(values | changes))


def test_a_date_is_written_in_utc() -> None:
    assert date_field(NOON) == b"Date: Tue, 01 Jul 2025 12:00:00 +0000\r\n"


@given(st.datetimes(datetime.datetime.fromisoformat("1900-01-01"), timezones=st.just(datetime.UTC)))
def test_written_dates_are_read_back(moment: datetime.datetime) -> None:
    moment = moment.replace(microsecond=0)
    written = format_date(clock.from_datetime(moment))
    assert parsedate_to_datetime(written) == moment
    assert parse_date(written.encode()) == clock.from_datetime(moment)


def test_message_ids_differ_and_name_our_host() -> None:
    first, second = new_message_id("mx.example.org"), new_message_id("mx.example.org")
    assert first != second
    assert message_id_field(first) == b"Message-ID: <" + first.encode() + b">\r\n"
    assert first.endswith("@mx.example.org")


def test_a_plain_reception_is_described() -> None:
    assert received_field(CAROL) == (
        b"Received: from mail.remote.example ([192.0.2.9])\r\n"
        b"\tby mx.example.org with ESMTP\r\n"
        b"\tid bcdfghjkmn;\r\n"
        b"\tTue, 01 Jul 2025 12:00:00 +0000\r\n"
    )


def test_a_submission_over_tls_is_described() -> None:
    field = received_field(
        replaced(
            client_ip="2001:db8::1",
            client_name="host.remote.example",
            tls="TLSv1.3 TLS_AES_256_GCM_SHA384",
            authenticated=True,
            recipient="bob@example.org",
        )
    )
    assert field == (
        b"Received: from mail.remote.example (host.remote.example [IPv6:2001:db8::1])\r\n"
        b"\tby mx.example.org with ESMTPSA (TLSv1.3 TLS_AES_256_GCM_SHA384)\r\n"
        b"\tid bcdfghjkmn\r\n"
        b"\tfor <bob@example.org>;\r\n"
        b"\tTue, 01 Jul 2025 12:00:00 +0000\r\n"
    )


@pytest.mark.parametrize(
    ("changes", "protocol"),
    [
        ({"extended": False}, b"with SMTP\r"),
        ({"tls": "TLSv1.2"}, b"with ESMTPS ("),
        ({"authenticated": True}, b"with ESMTPA\r"),
        ({"utf8": True, "tls": "TLSv1.3", "authenticated": True}, b"with UTF8SMTPSA ("),
    ],
)
def test_the_protocol_says_what_was_used(changes: dict[str, object], protocol: bytes) -> None:
    assert protocol in received_field(replaced(**changes))


@pytest.mark.parametrize(
    ("helo", "written"),
    [
        ("a\r\nBcc: x", b"from a??Bcc:?x ("),
        ("a(b", b"from a?b ("),
        ("[192.0.2.9]", b"from [192.0.2.9] ("),
        ("", b"from [192.0.2.9] ("),
        ("ü.example", b"from ?.example ("),
        ("x" * 5000, b"from " + b"x" * 255 + b" ("),
    ],
)
def test_what_the_client_calls_itself_stays_in_its_place(helo: str, written: bytes) -> None:
    assert written in received_field(replaced(helo=helo))


def test_an_ipv4_address_in_ipv6_clothes_is_written_as_ipv4() -> None:
    assert b"([192.0.2.9])" in received_field(replaced(client_ip="::ffff:192.0.2.9"))


def test_a_peer_without_an_ip_address_is_unknown() -> None:
    assert b"([unknown])" in received_field(replaced(client_ip="/run/socket"))


@pytest.mark.parametrize(
    "recipient", ["a\r\nb@example.org", "a b@example.org", "a>b@example.org", "ü@example.org", "x" * 400]
)
def test_a_recipient_that_could_break_the_field_is_not_named(recipient: str) -> None:
    assert b"for <" not in received_field(replaced(recipient=recipient))


def test_an_internationalized_recipient_is_named_in_an_internationalized_message() -> None:
    assert "for <ü@example.org>".encode() in received_field(replaced(recipient="ü@example.org", utf8=True))


@given(
    helo=st.text(),
    ip=st.text(max_size=10),
    session=st.text(max_size=20),
    tls=st.text(),
    name=st.text(),
    recipient=st.text(),
    utf8=st.booleans(),
)
def test_nothing_breaks_out_of_the_field(
    helo: str, ip: str, session: str, tls: str, name: str, recipient: str, utf8: bool
) -> None:
    field = received_field(
        replaced(
            helo=helo,
            client_ip=ip,
            session_id=session,
            tls=tls,
            client_name=name,
            recipient=recipient,
            utf8=utf8,
        )
    )
    assert len(HeaderBlock.parse(field).fields) == 1
    assert all(len(line) <= 998 for line in field.split(b"\r\n"))
    assert not has_controls(field.replace(b"\r\n\t", b"").removesuffix(b"\r\n"))
    assert len(message_from_bytes(field + b"\r\n", policy=policy.compat32).items()) == 1


def has_controls(field: bytes) -> bool:
    return any(byte < 0x20 or byte == 0x7F for byte in field)
