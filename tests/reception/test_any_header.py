"""Header sections that nobody meant to write: taken or refused, never an error of ours."""

import contextlib
import itertools

from hypothesis import given
from hypothesis import strategies as st

from delivery.reception.author import author_of
from delivery.reception.removals import inbound_removals, submission_removals
from delivery.reception.tls_demand import tls_demand
from delivery.reception.trace import refuse_circling
from mail.errors import MailError
from mail.mime.headers import HeaderBlock, HeaderSplitter
from mail.mime.summary import summarize

VOCABULARY = [
    *(
        b"From",
        b"from ",
        b"Bcc",
        b"Received",
        b"Authentication-Results",
        b"TLS-Required",
        b":",
        b": ",
        b"\r\n",
    ),
    *(b"\r\n ", b"\n", b"\r", b"a@b.example", b"<a@b.example>", b'"', b"(", b")", b"\\", b",", b";", b"No"),
    *(b"=?utf-8?q?x?=", b"\x00", b"\xff", b"mail.example.org", b"[1.2.3.4]", b"\r\n\r\n"),
]
PIECES = st.sampled_from(VOCABULARY)
RAW = st.lists(PIECES, max_size=25).map(b"".join) | st.binary(max_size=200)


@given(raw=RAW, places=st.lists(st.integers(0, 300), max_size=5))
def test_any_header_is_read_and_nothing_is_lost(raw: bytes, places: list[int]) -> None:
    splitter = HeaderSplitter()
    borders = [0, *sorted({place for place in places if 0 < place < len(raw)}), len(raw)]
    section, rest = None, b""
    for start, end in itertools.pairwise(borders):
        if section is None:
            section = splitter.feed(raw[start:end])
        else:
            rest += raw[start:end]
    section = section or splitter.finish()
    assert section.block + section.separator + section.body + rest == raw
    header = HeaderBlock.parse(section.block)
    assert bytes(header) == section.block


@given(raw=RAW)
def test_any_header_is_judged(raw: bytes) -> None:
    header = HeaderBlock.parse(raw)
    with contextlib.suppress(MailError):
        author = author_of(header)
        assert author.domain
    with contextlib.suppress(MailError):
        refuse_circling(header)
    summarize(header)
    tls_demand(False, header)
    for removals in (inbound_removals("mail.example.org"), submission_removals("mail.example.org")):
        kept = removals.apply(header)
        assert kept is None or not removals.names & {"bcc"} or "bcc" not in HeaderBlock.parse(kept)
