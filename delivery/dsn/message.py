"""Delivery status notifications as complete messages (RFC 3462, RFC 3464, RFC 6533)."""

import re
import secrets
from collections.abc import Sequence

from delivery.dsn.lines import address_field, encode_part, field, header_lines, needs_base64, printable
from delivery.dsn.report import Report
from delivery.dsn.status import date, delivery_status
from delivery.dsn.texts import delay_text, failure_text
from mail import clock
from mail.clock import Moment

HEADER_LIMIT = 64 * 1024
"""Bytes of the original header that are sent back."""

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")


def failure_message(report: Report) -> bytes:
    """The notification that the message did not reach the recipients."""
    status = delivery_status(report, "failed", None)
    return _assemble(report, "Your message could not be delivered", failure_text(report), status)


def delay_message(report: Report, attempts: Sequence[Moment]) -> bytes:
    """The notification that the message is on its way still. `attempts` are the coming ones, at least one."""
    if not attempts:
        raise ValueError("a message without a coming attempt is not delayed, it has failed")
    status = delivery_status(report, "delayed", attempts[-1])
    return _assemble(report, "Your message is delayed", delay_text(report, attempts), status)


def _assemble(report: Report, subject: str, text: str, status: bytes) -> bytes:
    token = secrets.token_hex(16)
    boundary = f"report-{token}"
    parts = [_text_part(report, text), _status_part(report, status), _header_part(report)]
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return b"%s\r\n%s--%s--\r\n" % (_header(report, subject, token, boundary), body, boundary.encode())


def _header(report: Report, subject: str, token: str, boundary: str) -> bytes:
    """Auto-Submitted keeps other programs from answering (RFC 3834)."""
    fields = [
        ("Subject", subject),
        ("Date", date(clock.now())),
        ("Message-ID", f"<{token}@{report.host_name}>"),
        ("Auto-Submitted", "auto-replied"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/report; report-type=delivery-status; boundary="{boundary}"'),
    ]
    if _MESSAGE_ID.fullmatch(report.message_id):
        fields[3:3] = [("In-Reply-To", report.message_id), ("References", report.message_id)]
    if report.international:
        fields.append(("Content-Transfer-Encoding", "8bit"))
    to = f"<{report.sender}>" if report.sender else "undisclosed-recipients:;"
    addresses = [
        address_field("From", f"MAILER-DAEMON <postmaster@{report.host_name}>"),
        address_field("To", to),
    ]
    return "".join([*addresses, *(field(name, value) for name, value in fields)]).encode()


def _text_part(report: Report, text: str) -> bytes:
    lines = (_plain(line) for line in text.split("\n"))
    content = "\r\n".join(lines).encode()
    charset = "us-ascii" if content.isascii() else "utf-8"
    return _part(f"text/plain; charset={charset}", content, eight_bit_allowed=report.international)


def _plain(line: str) -> str:
    """The line without anything that acts; its indentation stays."""
    indentation = len(line) - len(line.lstrip(" "))
    return " " * indentation + printable(line, international=True)


def _status_part(report: Report, status: bytes) -> bytes:
    kind = "message/global-delivery-status" if report.international else "message/delivery-status"
    return _part(kind, status, eight_bit_allowed=report.international)


def _header_part(report: Report) -> bytes:
    header = header_lines(report.original_header, HEADER_LIMIT)
    if report.international and _is_utf8(header) and not needs_base64(header):
        return _part("message/global-headers", header, eight_bit_allowed=True)
    # Message types may not be base64 everywhere; a text may.
    return _part("text/rfc822-headers", header, eight_bit_allowed=False)


def _part(kind: str, content: bytes, *, eight_bit_allowed: bool) -> bytes:
    encoding, encoded = encode_part(content, eight_bit_allowed=eight_bit_allowed)
    return (field("Content-Type", kind) + field("Content-Transfer-Encoding", encoding)).encode() + (
        b"\r\n" + encoded
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
