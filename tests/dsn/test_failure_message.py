"""The notification that a message was not delivered."""

import pytest

from delivery.dsn.message import failure_message
from delivery.dsn.report import Report
from mail.errors import Reply
from tests.dsn.reports import HEADER, blocks, parse, parts, recipient, report


def field(of: Report, name: str, block: int = 1) -> str:
    _, status, _ = parts(parse(failure_message(of)))
    return str(blocks(status)[block][name])


def text(of: Report) -> str:
    return str(parts(parse(failure_message(of)))[0].get_content())


def test_it_is_a_report_from_this_server_to_the_sender() -> None:
    message = parse(failure_message(report()))
    assert message["From"] == "MAILER-DAEMON <postmaster@mail.example.org>"
    assert message["To"] == "alice@example.org"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["References"] == message["In-Reply-To"] == "<1@example.org>"
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Date"].datetime is not None
    assert message["Message-ID"].endswith("@mail.example.org>")


def test_no_two_have_the_same_id_or_boundary() -> None:
    first, second = (parse(failure_message(report())) for _ in range(2))
    assert first["Message-ID"] != second["Message-ID"]
    assert first.get_boundary() != second.get_boundary()


def test_the_status_names_the_server_and_what_it_said() -> None:
    _, status, _ = parts(parse(failure_message(report())))
    assert status.get_content_type() == "message/delivery-status"
    message, carol = blocks(status)
    assert message["Reporting-MTA"] == "dns; mail.example.org"
    assert message["Arrival-Date"] == "Wed, 18 Nov 2026 11:06:40 +0000"
    assert carol["Final-Recipient"] == "rfc822; carol@remote.example"
    assert carol["Action"] == "failed"
    assert carol["Status"] == "5.1.1"
    assert carol["Remote-MTA"] == "dns; mx.remote.example"
    assert carol["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert carol["Last-Attempt-Date"] == "Wed, 18 Nov 2026 12:06:40 +0000"
    assert carol["Will-Retry-Until"] is None


def test_every_recipient_has_a_block() -> None:
    of = report(recipient("carol@remote.example"), recipient("dave@remote.example"))
    assert field(of, "Final-Recipient", 1).endswith("carol@remote.example")
    assert field(of, "Final-Recipient", 2).endswith("dave@remote.example")
    assert "2 recipients" in text(of)


def test_what_no_server_said_is_a_comment_and_no_diagnostic_code() -> None:
    of = report(recipient(reply=Reply(550, "5.1.2", "the domain (really) does not exist"), remote=False))
    assert field(of, "Status") == r"5.1.2 (the domain \(really\) does not exist)"
    assert field(of, "Diagnostic-Code") == "None"
    assert field(of, "Remote-MTA") == "None"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(450, "4.2.2", "full"), "5.2.2"),
        (Reply(451, "", "later"), "5.0.0"),
        (Reply(554, "", "no"), "5.0.0"),
        (Reply(550, "5.7.1", "no"), "5.7.1"),
    ],
)
def test_a_message_that_is_given_up_has_failed_for_good(reply: Reply, status: str) -> None:
    assert field(report(recipient(reply=reply, gave_up=True)), "Status") == status
    assert "no further attempt" in text(report(recipient(reply=reply, gave_up=True)))


def test_the_text_has_the_whole_reply() -> None:
    reply = Reply(550, "5.7.1", "we don't like you\nsee https://remote.example/why")
    shown = text(report(recipient(reply=reply)))
    assert "carol@remote.example" in shown
    assert "mx.remote.example answered:" in shown
    assert "550 5.7.1 we don't like you\n" in shown.replace("\r\n", "\n")
    assert "see https://remote.example/why" in shown


def test_the_original_s_header_is_sent_back_and_never_its_body() -> None:
    wire = failure_message(report())
    *_, header = parts(parse(wire))
    assert header.get_content_type() == "text/rfc822-headers"
    assert header.get_payload(decode=True) == HEADER
    assert b"body is never sent back" not in wire


def test_a_huge_header_is_cut_at_a_line() -> None:
    huge = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 90) for number in range(2000))
    *_, header = parts(parse(failure_message(report(header=huge))))
    payload = header.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert 60_000 < len(payload) <= 64 * 1024
    assert huge.startswith(payload)


@pytest.mark.parametrize(
    "header", [b"Subject: f\xfcr\r\n", b"Subject: " + b"x" * 2000 + b"\r\n", b"X: \0\r\n"]
)
def test_a_header_that_can_t_go_as_it_is_goes_in_base64(header: bytes) -> None:
    *_, part = parts(parse(failure_message(report(header=header))))
    assert part["Content-Transfer-Encoding"] == "base64"
    assert part.get_payload(decode=True) == header


def test_without_a_sensible_message_id_there_are_no_references() -> None:
    for message_id in ("", "nonsense", "<a b>", "<a>\r\nBcc: x@y", "<\u00fc@example.org>"):
        assert parse(failure_message(report(message_id=message_id)))["References"] is None


def test_a_report_about_a_message_without_sender_still_parses() -> None:
    assert parse(failure_message(report(sender="")))["To"].addresses == ()


def test_spaces_in_a_quoted_localpart_survive() -> None:
    of = report(recipient('"car  ol"@remote.example'), sender='"al  ice"@example.org')
    assert parse(failure_message(of))["To"].addresses[0].username == "al  ice"
    assert field(of, "Final-Recipient") == 'rfc822; "car  ol"@remote.example'
