import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import MailError
from mail.mime.headers import FIRST_LINE_LIMIT, HEADER_LIMIT, HeaderSection, HeaderSplitter
from tests.mime.messages import HEADER_PIECES, cut, joined


def split(message: bytes, pieces: list[bytes] | None = None) -> HeaderSection:
    splitter = HeaderSplitter()
    remaining = iter([message] if pieces is None else pieces)
    for piece in remaining:
        section = splitter.feed(piece)
        if section is not None:
            return HeaderSection(section.block, section.separator, section.body + b"".join(remaining))
    return splitter.finish()


def test_the_header_ends_at_the_blank_line() -> None:
    section = split(b"To: bob\r\nSubject: x\r\n\r\nbody\r\n\r\nmore")
    assert section == HeaderSection(b"To: bob\r\nSubject: x\r\n", b"\r\n", b"body\r\n\r\nmore")


def test_bare_line_feeds_end_the_header_too() -> None:
    assert split(b"To: bob\n\nbody") == HeaderSection(b"To: bob\n", b"\n", b"body")


def test_a_line_of_spaces_does_not_end_the_header() -> None:
    assert split(b"To: bob\r\n  \r\nSubject: x\r\n\r\n").block == b"To: bob\r\n  \r\nSubject: x\r\n"


def test_a_message_may_end_without_a_blank_line() -> None:
    assert split(b"To: bob\r\nSubject: x\r\n") == HeaderSection(b"To: bob\r\nSubject: x\r\n", b"", b"")


def test_an_empty_message_has_nothing() -> None:
    assert split(b"") == HeaderSection(b"", b"", b"")


def test_a_message_that_starts_with_a_blank_line_has_no_fields() -> None:
    assert split(b"\r\nTo: in the body\r\n\r\n") == HeaderSection(b"", b"\r\n", b"To: in the body\r\n\r\n")


@pytest.mark.parametrize(
    "message",
    [
        b"Hello Bob,\r\nSubject: no\r\n\r\n",
        b" folded: nothing\r\n\r\n",
        b": x\r\n\r\n",
        b"\xff: x\r\n\r\n",
        b"x",
    ],
)
def test_a_message_whose_first_line_is_no_field_is_all_body(message: bytes) -> None:
    assert split(message) == HeaderSection(b"", b"", message)


def test_an_endless_first_line_is_decided_on_its_start() -> None:
    splitter = HeaderSplitter()
    section = splitter.feed(b"word " * FIRST_LINE_LIMIT)
    assert section is not None
    assert section.block == b""


def test_a_from_line_of_old_programs_belongs_to_the_header() -> None:
    message = b"From carol@remote.example Tue Jul  1 12:00:00 2025\r\nTo: bob\r\n\r\nbody"
    assert split(message).body == b"body"


def test_malformed_lines_in_the_middle_stay_in_the_header() -> None:
    assert split(b"To: bob\r\nwhat is this\r\nSubject: x\r\n\r\nbody").body == b"body"


def test_a_header_of_exactly_the_limit_passes() -> None:
    block = b"X: " + b"y" * (HEADER_LIMIT - 5) + b"\r\n"
    assert split(block + b"\r\nbody").block == block


@pytest.mark.parametrize("ending", [b"", b"\r\n\r\nbody"])
@pytest.mark.parametrize("piece", [1000, HEADER_LIMIT * 2])
def test_a_larger_header_is_refused_with_552(ending: bytes, piece: int) -> None:
    message = b"X: " + b"y" * (HEADER_LIMIT - 2) + ending
    with pytest.raises(MailError) as refused:
        split(message, [message[start : start + piece] for start in range(0, len(message), piece)])
    assert refused.value.public.code == 552


@given(joined(HEADER_PIECES), st.integers())
def test_no_byte_is_lost_and_pieces_make_no_difference(message: bytes, seed: int) -> None:
    whole = split(message)
    assert whole.block + whole.separator + whole.body == message
    assert split(message, list(cut(message, seed, longest=3))) == whole
