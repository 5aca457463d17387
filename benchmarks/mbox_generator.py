"""A mailbox as people have it: `python -m benchmarks.mbox_generator FOLDER [MESSAGES]` writes mail.mbox and
mail.maildir, the same on each run.

Sizes of texts are log-normal (median 8 KiB), one message in fifty has an attachment of 100 to 500 KiB, one in
three answers an earlier one. 20 000 messages are about 400 MB.
"""

import base64
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mailformats.maildir import MaildirWriter
from mail.mailformats.mbox import mbox_message

MESSAGES = 20_000
_FIRST = 1_600_000_000
_EVERY = 600
_MEDIAN = 8 * 1024
_LARGEST_TEXT = 200_000
_TEXT_POOL = 4_000_000
_DATA_POOL = 2_000_000


@dataclass(frozen=True, slots=True)
class Letter:
    """One message with CR LF line ends."""

    content: bytes
    sender: str
    received: clock.Moment
    flags: MessageFlags


def letters(count: int = MESSAGES, seed: int = 7, median: int = _MEDIAN) -> Iterator[Letter]:
    """The messages, in the order they came. Half of their texts are longer than `median` bytes."""
    chance = random.Random(seed)
    text, data = _text(chance), base64.encodebytes(chance.randbytes(_DATA_POOL)).replace(b"\n", b"\r\n")
    ids: list[str] = []
    for number in range(count):
        seconds = _FIRST + number * _EVERY
        sender = f"user{chance.randrange(2000)}@d{chance.randrange(300)}.example"
        ids.append(f"<{number}.{chance.getrandbits(40):x}@{sender.partition('@')[2]}>")
        topic = chance.choice(("rent", "boats", "bread"))
        parent = chance.choice(ids[-200:]) if chance.random() < 0.3 else ""
        fields = [
            f"Received: from mx.{sender.partition('@')[2]} by mail.example.org with ESMTPS id {number:08x};",
            f"\t{formatdate(seconds)}",
            f"From: =?utf-8?q?J=C3=B8rn?= <{sender}>",
            "To: alice@example.org",
            f"Subject: {'Re: ' if parent else ''}Note {number} about {topic}",
            f"Date: {formatdate(seconds)}",
            f"Message-ID: {ids[-1]}",
            "MIME-Version: 1.0",
        ]
        if parent:
            fields += [f"In-Reply-To: {parent}", f"References: {parent}"]
        body = _body(chance, text, data, number, median)
        flags = MessageFlags(
            seen=chance.random() < 0.8, answered=chance.random() < 0.2, flagged=chance.random() < 0.05
        )
        yield Letter("\r\n".join(fields).encode() + body, sender, seconds * clock.SECOND, flags)


def write_mbox(file: Path, count: int = MESSAGES, median: int = _MEDIAN) -> None:
    """All messages in one mbox file."""
    with open(file, "wb") as out:
        for letter in letters(count, median=median):
            out.writelines(
                mbox_message(
                    [letter.content],
                    envelope_sender=letter.sender,
                    received=letter.received,
                    flags=letter.flags,
                )
            )


def write_maildir(folder: Path, count: int = MESSAGES) -> None:
    """All messages in the Inbox of a Maildir."""
    writer = MaildirWriter(folder)
    for letter in letters(count):
        writer.add_message("Inbox", [letter.content], received=letter.received, flags=letter.flags)
    writer.close()


def _text(chance: random.Random) -> bytes:
    """Lines of made-up words, common ones more often."""
    syllables = (
        "ka",
        "to",
        "mi",
        "re",
        "sun",
        "ple",
        "dor",
        "in",
        "ver",
        "lo",
        "qua",
        "ber",
        "ti",
        "on",
        "al",
    )
    words = ["".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(20_000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    lines, line, size = [], "", 0
    for word in chance.choices(words, weights, k=_TEXT_POOL // 6):
        if len(line) + len(word) > 70:
            lines.append(line + "\r\n")
            size += len(lines[-1])
            line = ""
        line += word + " "
    return "".join(lines).encode()


def _body(chance: random.Random, text: bytes, data: bytes, number: int, median: int) -> bytes:
    size = min(max(int(chance.lognormvariate(math.log(median), 1)), 300), _LARGEST_TEXT)
    start = text.index(b"\n", chance.randrange(len(text) - _LARGEST_TEXT - 200)) + 1
    own = text[start : text.index(b"\n", start + size) + 1]
    plain = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + own
    if chance.random() >= 0.02:
        return b"\r\n" + plain
    size = chance.randint(100_000, 500_000)
    start = data.index(b"\n", chance.randrange(len(data) - size - 200)) + 1
    attached = data[start : data.index(b"\n", start + size) + 1]
    mark = b"=_%d_=" % number
    return (
        b'\r\nContent-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n'
        b"--" + mark + b"\r\n" + plain + b"\r\n--" + mark + b"\r\n"
        b"Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=a.bin\r\n\r\n" + attached + b"--" + mark + b"--\r\n"
    )


if __name__ == "__main__":
    destination, wanted = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else MESSAGES
    destination.mkdir(parents=True, exist_ok=True)
    write_mbox(destination / "mail.mbox", wanted)
    write_maildir(destination / "mail.maildir", wanted)
