"""Notifications about internationalised messages carry UTF-8 as it is (RFC 6533)."""

import pytest

from delivery.dsn.message import failure_message
from delivery.dsn.report import Report
from mail.errors import Reply
from tests.dsn.reports import parse, parts, recipient, report

HEADER = "From: jürgen@example.org\r\nSubject: Grüße\r\n".encode()


@pytest.mark.parametrize(
    "of",
    [
        report(header=HEADER, smtputf8=True),
        report(header=HEADER, sender="jürgen@example.org"),
        report(recipient("çarol@remote.example"), header=HEADER),
    ],
    ids=["message", "sender", "recipient"],
)
def test_the_parts_have_the_international_types(of: Report) -> None:
    message = parse(failure_message(of))
    assert message["Content-Transfer-Encoding"] == "8bit"
    _, status, header = parts(message)
    assert status.get_content_type() == "message/global-delivery-status"
    assert header.get_content_type() == "message/global-headers"
    assert header["Content-Transfer-Encoding"] == "8bit"
    assert HEADER in failure_message(of)


def test_addresses_and_replies_are_not_encoded() -> None:
    of = report(
        recipient("çarol@remote.example", Reply(550, "5.1.1", "unbekannt: çarol")),
        sender="jürgen@example.org",
    )
    wire = failure_message(of).decode()
    assert "To: <jürgen@example.org>\r\n" in wire
    assert "Final-Recipient: utf-8; çarol@remote.example\r\n" in wire
    assert "Diagnostic-Code: smtp; 550 5.1.1 unbekannt: çarol\r\n" in wire


def test_a_header_that_is_not_utf8_goes_in_base64() -> None:
    *_, header = parts(parse(failure_message(report(header=b"Subject: f\xfcr\r\n", smtputf8=True))))
    assert header.get_content_type() == "text/rfc822-headers"
    assert header["Content-Transfer-Encoding"] == "base64"


def test_in_a_plain_notification_foreign_letters_are_replaced_for_programs_and_kept_for_people() -> None:
    message = parse(failure_message(report(recipient(reply=Reply(550, "", "für dich nicht")))))
    text, status, _ = parts(message)
    assert "550 f?r dich nicht" in status.as_string()
    assert "für dich nicht" in text.get_content()
