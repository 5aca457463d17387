import datetime
import mailbox
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mailformats.mbox import mbox_message

NOON = clock.from_datetime(datetime.datetime(2025, 7, 1, 12, 0, 0, tzinfo=datetime.UTC))
NO_FLAGS = MessageFlags()
PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b">",
    b"From ",
    b"Fro",
    b"F",
    b"m ",
    b"text",
    b"X: y\r\n",
    b"\r\n\r\n",
    b"\xff",
    b">" * 40,
]
contents = st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join)


def written(
    content: bytes, flags: MessageFlags = NO_FLAGS, sender: str = "carol@remote.example", step: int = 0
) -> bytes:
    step = step or len(content) or 1
    chunks = [content[start : start + step] for start in range(0, len(content), step)]
    return b"".join(mbox_message(chunks, envelope_sender=sender, received=NOON, flags=flags))


def content_of(message: bytes) -> bytes:
    """The content of one message of an mbox file: without separators, our fields and quoting, with CR LF."""
    _, status, x_status, keywords, rest = message.split(b"\n", 4)
    assert status.startswith(b"Status: ")
    assert x_status.startswith(b"X-Status: ")
    assert keywords.startswith(b"X-Keywords: ")
    assert rest.endswith(b"\n")
    return re.sub(rb"(?m)^>(>*From )", rb"\1", rest[:-1]).replace(b"\n", b"\r\n")


def test_a_message_starts_with_its_envelope_and_ends_with_an_empty_line() -> None:
    assert written(b"To: bob\r\n\r\nHello\r\n") == (
        b"From carol@remote.example Tue Jul  1 12:00:00 2025\n"
        b"Status: O\nX-Status: \nX-Keywords: \nTo: bob\n\nHello\n\n"
    )


def test_the_null_sender_is_the_mailer_daemon() -> None:
    assert written(b"", sender="").startswith(b"From MAILER-DAEMON Tue Jul")


def test_a_sender_with_spaces_cannot_shift_the_date() -> None:
    assert written(b"", sender='"a b\n"@remote.example').startswith(b'From "a_b_"@remote.example Tue Jul')


def test_flags_and_keywords_are_written() -> None:
    flags = MessageFlags(
        seen=True,
        answered=True,
        flagged=True,
        draft=True,
        deleted=True,
        keywords=frozenset({"b", "$a", "c,d"}),
    )
    assert b"Status: RO\nX-Status: AFTD\nX-Keywords: $a,b\n" in written(b"", flags)


@pytest.mark.parametrize("line", [b"From me", b">From me", b">>>From me"])
def test_lines_that_look_like_an_envelope_are_quoted(line: bytes) -> None:
    assert b"\n>" + line + b"\n" in written(b"To: bob\r\n\r\n" + line + b"\r\n")


def test_other_lines_are_not_quoted() -> None:
    content = b"To: bob\r\n\r\nFrom: me\r\nfrom me\r\n From me\r\n> From me\r\nAway From me\r\n"
    assert content_of(written(content)) == content
    assert b">From" not in written(content)


def test_a_missing_line_end_is_added() -> None:
    assert written(b"To: bob\r\n\r\nHello").endswith(b"\nHello\n\n")


def test_a_message_without_a_header_keeps_its_text_out_of_ours() -> None:
    assert b"X-Keywords: \n\nHello Bob,\n" in written(b"Hello Bob,\r\nSubject: no\r\n")
    assert b"X-Keywords: \n\n\nTo: in the body\n" in written(b"\r\nTo: in the body\r\n")


@given(contents)
def test_content_is_read_back_byte_for_byte(content: bytes) -> None:
    content = re.sub(rb"\r?\n", b"\r\n", content) + b"\r\n"
    assert content_of(written(b"To: bob\r\n" + content)) == b"To: bob\r\n" + content


@given(contents, st.integers(1, 7))
def test_chunks_make_no_difference(content: bytes, step: int) -> None:
    assert written(content, step=step) == written(content)


def test_a_line_without_end_is_written_without_keeping_it() -> None:
    chunks = [b"To: bob\r\n\r\n"] + [b">" * 50_000] * 20 + [b"From x", b"\r\n"]
    pieces = list(mbox_message(chunks, envelope_sender="", received=NOON, flags=NO_FLAGS))
    assert max(map(len, pieces)) <= 50_010
    assert b"".join(pieces).endswith(b"\n" + b">" * (1_000_000 + 1) + b"From x\n\n")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(bodies=st.lists(contents, min_size=1, max_size=4))
def test_the_mailbox_module_finds_each_message(tmp_path: Path, bodies: list[bytes]) -> None:
    letters = [b"To: bob\r\n\r\n" + re.sub(rb"\r?\n", b"\r\n", body) + b"\r\n" for body in bodies]
    file = tmp_path / "all.mbox"
    file.write_bytes(b"".join(written(letter, MessageFlags(seen=True)) for letter in letters))
    box = mailbox.mbox(file)
    try:
        assert len(box) == len(letters)
        for key, letter in zip(box.keys(), letters, strict=True):
            assert box.get_message(key).get_flags() == "RO"
            assert content_of(b"From\n" + box.get_bytes(key) + b"\n") == letter
    finally:
        box.close()
