"""The part of a notification that people read."""

import textwrap
from collections.abc import Sequence

from delivery.dsn.report import Report, ReportedRecipient
from mail import clock
from mail.clock import Moment

_WIDTH = 72
_REPLY_LINES = 40
_REPLY_CHARACTERS = 8000


def failure_text(report: Report) -> str:
    """Which recipients the message did not reach, and why."""
    introduction = (
        f"This is the mail system at {report.host_name}. Your message could not be delivered to "
        f"{_count(report)}. It will not be tried again. What went wrong:"
    )
    ending = "The header of your message follows, and the details for programs to read."
    return _compose(introduction, _recipients(report), ending)


def delay_text(report: Report, attempts: Sequence[Moment]) -> str:
    """Which recipients the message has not reached yet, why, and when it is tried again."""
    introduction = (
        f"This is the mail system at {report.host_name}. Your message has not been delivered to "
        f"{_count(report)} yet. You need not do anything: it is tried again."
    )
    ending = f"{_schedule(attempts)} If it can't be delivered by then, you get another message like this one."
    return _compose(introduction, _recipients(report), ending)


def _schedule(attempts: Sequence[Moment]) -> str:
    times = [f"{clock.as_datetime(moment):%A, %d %B %Y, %H:%M} UTC" for moment in attempts]
    if len(times) == 1:
        return f"The last attempt is on {times[0]}."
    others = "; ".join(times[1:-1])
    return (
        f"The next attempt is on {times[0]}"
        + (f", then on {others}" if others else "")
        + f"; the last one is on {times[-1]}."
    )


def _count(report: Report) -> str:
    return "one recipient" if len(report.recipients) == 1 else f"{len(report.recipients)} recipients"


def _recipients(report: Report) -> str:
    return "\n\n".join(_recipient(recipient) for recipient in report.recipients)


def _recipient(recipient: ReportedRecipient) -> str:
    lines = [f"    {recipient.address}"]
    if recipient.remote:
        lines.append(f"        {recipient.server or 'The server'} answered:")
        for line in str(recipient.reply)[:_REPLY_CHARACTERS].split("\n")[:_REPLY_LINES]:
            lines += textwrap.wrap(
                line, 200, initial_indent=" " * 12, subsequent_indent=" " * 12, break_on_hyphens=False
            )
    else:
        text = recipient.reply.text[:_REPLY_CHARACTERS]
        lines += textwrap.wrap(text, _WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 8)
    if recipient.gave_up:
        lines.append("        This has gone on for too long; no further attempt is made.")
    return "\n".join(lines)


def _compose(introduction: str, recipients: str, ending: str) -> str:
    return "\n\n".join([textwrap.fill(introduction, _WIDTH), recipients, textwrap.fill(ending, _WIDTH), ""])
