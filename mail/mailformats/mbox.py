"""Writing mbox files in the mboxrd form with LF line ends (RFC 4155; the quoting can be undone)."""

import re
from collections.abc import Iterable, Iterator

from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mime.headers import FIRST_LINE_LIMIT, starts_header_section

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
_NOT_IN_SENDER = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")


def mbox_message(
    content: Iterable[bytes], *, envelope_sender: str, received: clock.Moment, flags: MessageFlags
) -> Iterator[bytes]:
    """One message of an mbox file, piece by piece, with the empty line that ends it.

    CR LF becomes LF, which is what programs expect in this format; everything else of `content` is there
    byte for byte once ">" is taken off quoted lines. A missing line end at the end of the message is added.

    Flags go into Status, X-Status and X-Keywords (comma separated) before the first field. All three are
    always written, so that fields of the same name which the message brought along come second. A keyword
    that contains a comma cannot be carried and is left out.
    """
    yield _from_line(envelope_sender, received)
    yield _flag_fields(flags)
    quoted = _quoted(_with_lf(content))
    start = b""
    for piece in quoted:
        start += piece
        if b"\n" in start or len(start) >= FIRST_LINE_LIMIT:
            break
    # A message without a header section needs the blank line that separates ours from its body, also when it
    # starts with one: who reads it back can then take ours off again.
    if not starts_header_section(start):
        yield b"\n"
    yield start
    last = start[-1:]
    for piece in quoted:
        yield piece
        last = piece[-1:]
    yield b"\n" if last == b"\n" else b"\n\n"


def _from_line(envelope_sender: str, received: clock.Moment) -> bytes:
    moment = clock.as_datetime(received)
    sender = _NOT_IN_SENDER.sub("_", envelope_sender) or "MAILER-DAEMON"
    return (
        f"From {sender} {_DAYS[moment.weekday()]} {_MONTHS[moment.month - 1]} {moment.day:2d} "
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} {moment.year:04d}\n"
    ).encode()


def _flag_fields(flags: MessageFlags) -> bytes:
    letters = (("A", flags.answered), ("F", flags.flagged), ("T", flags.draft), ("D", flags.deleted))
    keywords = ",".join(sorted(keyword for keyword in flags.keywords if "," not in keyword))
    return (
        f"Status: {'RO' if flags.seen else 'O'}\n"
        f"X-Status: {''.join(letter for letter, is_set in letters if is_set)}\n"
        f"X-Keywords: {keywords}\n"
    ).encode()


def _with_lf(content: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in content:
        data = held + chunk
        held = b"\r" if data.endswith(b"\r") else b""
        data = (data[:-1] if held else data).replace(b"\r\n", b"\n")
        if data:
            yield data
    if held:
        yield held


def _quoted(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A ">" before each line that starts with any number of ">" and "From "."""
    held = b""
    at_line_start = True
    for piece in pieces:
        data = held + piece
        line = data.rfind(b"\n") + 1
        # A line that may still become a From line: its marks can go, since one more of them fits behind as
        # well.
        rest = data[line:].lstrip(b">") if line or at_line_start else data[line:]
        undecided = (line > 0 or at_line_start) and b"From ".startswith(rest) and rest != b"From "
        held = rest if undecided else b""
        done = data[: len(data) - len(held)]
        if b"From " in done:
            start = 0 if at_line_start else done.find(b"\n") + 1 or len(done)
            done = done[:start] + _FROM_LINE.sub(rb">\1", done[start:])
        if done:
            yield done
        at_line_start = undecided or data.endswith(b"\n")
    if held:
        yield held
