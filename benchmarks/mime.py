"""How fast mail.mime reads and writes: `.venv/bin/python benchmarks/mime.py` prints one figure a line."""

import base64
import itertools
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mailformats.mbox import mbox_message
from mail.mime.decode import decode_base64, decode_quoted_printable
from mail.mime.generate import Reception, received_field
from mail.mime.headers import HeaderBlock, HeaderSplitter
from mail.mime.html import sanitize_html
from mail.mime.parts import PartIndexer
from mail.mime.summary import summarize

MEGABYTE = 1_000_000
CHUNK = 64 * 1024
HEADER = b"""Received: from mail.remote.example (mail.remote.example [192.0.2.9])\r
\tby mx.other.example with ESMTPS id bcdfghjkmn\r
\tfor <bob@example.org>; Tue, 01 Jul 2025 12:00:00 +0000\r
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=remote.example; s=key;\r
\th=from:to:subject:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r
\tb=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\r
From: Carol Example <carol@remote.example>\r
To: Bob <bob@example.org>\r
Subject: Quarterly numbers\r
Date: Tue, 01 Jul 2025 12:00:00 +0000\r
Message-ID: <abc.def@remote.example>\r
MIME-Version: 1.0\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
"""
MIXED = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
ATTACHMENT = b"--a\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"


def chunks(content: bytes) -> Iterator[bytes]:
    return (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))


def microseconds(title: str, action: Callable[[], object], repeats: int = 5000) -> None:
    """The best of five rounds, since others use the machine too."""
    rounds = []
    for _ in range(5):
        started = time.perf_counter()
        for _ in itertools.repeat(None, repeats):
            action()
        rounds.append((time.perf_counter() - started) / repeats)
    print(f"{title:<58}{min(rounds) * 1e6:>10.1f} µs")


def throughput(title: str, size: int, action: Callable[[], object]) -> None:
    """Megabytes a second, the best of three rounds."""
    rounds = []
    for _ in range(3):
        started = time.perf_counter()
        action()
        rounds.append(time.perf_counter() - started)
    print(f"{title:<58}{size / min(rounds) / MEGABYTE:>10.0f} MB/s")


def index(title: str, content: bytes) -> None:
    """Indexing in pieces of 64 KiB, with the slowest piece: it is what an event loop would wait for."""
    slowest, total = float("inf"), float("inf")
    for _ in range(3):
        indexer, durations = PartIndexer(), []
        for chunk in chunks(content):
            started = time.perf_counter()
            indexer.feed(chunk)
            durations.append(time.perf_counter() - started)
        indexer.finish()
        slowest, total = min(slowest, max(durations)), min(total, sum(durations))
    speed = len(content) / total / MEGABYTE
    print(f"{'index ' + title:<58}{speed:>10.0f} MB/s, slowest 64 KiB {slowest * 1e3:.2f} ms")


def small_index() -> bytes:
    indexer = PartIndexer()
    indexer.feed(HEADER + b"\r\n" + b"x" * 500)
    return indexer.finish().to_bytes()


def headers() -> None:
    reception = Reception("mail.remote.example", "192.0.2.9", "mx.example.org", "bcdfghjkmn", clock.now())
    microseconds(
        f"split a header of {len(HEADER)} bytes off", lambda: HeaderSplitter().feed(HEADER + b"\r\nx")
    )
    microseconds("parse it", lambda: HeaderBlock.parse(HEADER))
    microseconds(
        "parse it and remove fields", lambda: HeaderBlock.parse(HEADER).without({"bcc", "return-path"})
    )
    microseconds("parse and summarize it", lambda: summarize(HeaderBlock.parse(HEADER)))
    microseconds("index a small message and store the index", small_index)
    microseconds("write a Received field", lambda: received_field(reception))


def indexing(encoded: bytes) -> None:
    index("100 MB of base64 as the only part", b"Content-Type: application/pdf\r\n\r\n" + encoded)
    index("100 MB of base64 as an attachment", MIXED + ATTACHMENT + encoded + b"\r\n--a--\r\n")
    index("100 MB of lines as a text part", MIXED + b"--a\r\n\r\n" + encoded)
    index("hostile: lines that are almost delimiters", MIXED + b"--ab\n" * 1_000_000)
    index("hostile: 10 000 empty parts", MIXED + b"--a\n" * 1_000_000)
    index("hostile: 10 000 parts with fields", MIXED + b"--a\nContent-Type:a/b;c=d\n\n" * 100_000)
    index("hostile: a header without end", b"a:b\n" * 5_000_000)


def decoding(encoded: bytes) -> None:
    throughput("decode base64", len(encoded), lambda: sum(map(len, decode_base64(chunks(encoded)))))
    quoted = b"Gr=C3=BC=C3=9Fe aus der Stadt, mit einer weichen Zeile am Ende =\r\n" * 500_000
    throughput(
        "decode quoted-printable", len(quoted), lambda: sum(map(len, decode_quoted_printable(chunks(quoted))))
    )
    throughput("write an mbox message", len(encoded), lambda: sum(map(len, mbox(encoded))))


def mbox(content: bytes) -> Iterator[bytes]:
    return mbox_message(
        chunks(content), envelope_sender="carol@remote.example", received=0, flags=MessageFlags()
    )


def html() -> None:
    row = '<tr><td style="color:#333;padding:4px"><b>x</b> <a href="https://a.example/?a=1&b=2">link</a></td></tr>'
    documents = {
        "sanitise a newsletter of 100 KB": "<table>" + row * 950 + "</table>",
        "hostile: sanitise 20 000 nested elements": "<div>" * 20_000,
        "hostile: sanitise formatting without end": "<p>"
        + "".join(f"<font color={number}>" for number in range(1000))
        + "<p>x" * 10_000,
        "hostile: sanitise a tag with 50 000 attributes": "<p "
        + " ".join(f"a{n}=1" for n in range(50_000))
        + ">",
    }
    for title, document in documents.items():
        microseconds(title, partial(sanitize_html, document, lambda _: None), repeats=3)


def main() -> None:
    encoded = base64.encodebytes(os.urandom(75 * MEGABYTE)).replace(b"\n", b"\r\n")
    headers()
    indexing(encoded)
    decoding(encoded)
    html()


if __name__ == "__main__":
    main()
