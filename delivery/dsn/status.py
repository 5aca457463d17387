"""The part of a notification that programs read (RFC 3464, RFC 6533)."""

import re
from collections.abc import Sequence
from email.utils import format_datetime

from delivery.dsn.lines import address_field, comment, field, printable
from delivery.dsn.report import Report, ReportedRecipient
from mail import clock
from mail.clock import Moment
from mail.errors import Reply

_ENHANCED = re.compile(r"[245]\.(\d{1,3}\.\d{1,3})", re.ASCII)


def delivery_status(report: Report, action: str, retry_until: Moment | None) -> bytes:
    """The fields about the message, then a block for each recipient. `action` is failed or delayed."""
    message = field("Reporting-MTA", f"dns; {report.host_name}") + field("Arrival-Date", date(report.arrival))
    if report.future_release:
        message += field("Future-Release-Request", report.future_release)
    blocks = [message]
    for recipient in report.recipients:
        fields = _recipient_fields(recipient, action, retry_until, international=report.international)
        address = f"{'utf-8' if report.international else 'rfc822'}; {recipient.address}"
        lines = [address_field("Final-Recipient", address), *(field(*pair) for pair in fields)]
        blocks.append("".join(lines))
    return "\r\n".join(blocks).encode()


def _recipient_fields(
    recipient: ReportedRecipient, action: str, retry_until: Moment | None, *, international: bool
) -> Sequence[tuple[str, str]]:
    fields = [("Action", action)]
    status = status_code(recipient.reply, final=action == "failed")
    if recipient.remote:
        fields.append(("Status", status))
        if recipient.server:
            server = printable(recipient.server, international=international)
            fields.append(("Remote-MTA", f"dns; {server}"))
        said = printable(str(recipient.reply), international=international)
        fields.append(("Diagnostic-Code", f"smtp; {said}"))
    else:
        explanation = comment(recipient.reply.text, international=international)
        fields.append(("Status", f"{status} {explanation}"))
    fields.append(("Last-Attempt-Date", date(recipient.last_attempt)))
    if retry_until is not None:
        fields.append(("Will-Retry-Until", date(retry_until)))
    return fields


def status_code(reply: Reply, *, final: bool) -> str:
    """The status (RFC 3463): what the reply says in detail, under the class of what became of the message.

    A message given up after temporary failures has failed for good: its status begins with 5.
    """
    found = _ENHANCED.fullmatch(reply.enhanced)
    return f"{5 if final else 4}.{found[1] if found else '0.0'}"


def date(moment: Moment) -> str:
    """In the form of RFC 5322 section 3.3."""
    return format_datetime(clock.as_datetime(moment))
