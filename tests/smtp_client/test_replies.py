"""Replies are read strictly enough to stay in step and leniently enough for the servers there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.replies import ReplyReader, ReplySyntaxError
from mail.errors import Reply


def read(data: bytes, *, enhanced: bool = False) -> Reply | None:
    reader = ReplyReader()
    reader.enhanced_codes = enhanced
    reader.feed(data)
    return reader.next_reply()


def test_a_single_line_is_a_reply() -> None:
    assert read(b"250 OK\r\n") == Reply(250, "", "OK")


def test_a_reply_ends_with_the_first_line_without_hyphen() -> None:
    reader = ReplyReader()
    reader.feed(b"250-one\r\n250-two\r\n250 three\r\n354 go\r\n")
    assert reader.next_reply() == Reply(250, "", "one\ntwo\nthree")
    assert reader.next_reply() == Reply(354, "", "go")
    assert reader.next_reply() is None


@pytest.mark.parametrize("line", [b"250\r\n", b"250 \r\n", b"250\n"])
def test_the_text_may_be_missing(line: bytes) -> None:
    assert read(line) == Reply(250, "", "")


def test_the_space_after_the_code_may_be_missing() -> None:
    assert read(b"250Hello\r\n") == Reply(250, "", "Hello")


def test_a_lone_line_feed_ends_a_line() -> None:
    assert read(b"250-one\n250 two\n") == Reply(250, "", "one\ntwo")


@pytest.mark.parametrize("line", [b"hello\r\n", b"25\r\n", b"\r\n", b"150 x\r\n", b"650 x\r\n", b"2x0 y\r\n"])
def test_what_has_no_three_digits_is_no_reply(line: bytes) -> None:
    with pytest.raises(ReplySyntaxError):
        read(line)


def test_a_reply_with_two_codes_is_no_reply() -> None:
    with pytest.raises(ReplySyntaxError, match="mixes codes"):
        read(b"250-one\r\n550 two\r\n")


def test_a_line_of_two_kib_is_read_and_a_longer_one_refused() -> None:
    assert read(b"250 " + b"x" * (2048 - 6) + b"\r\n") is not None
    with pytest.raises(ReplySyntaxError, match="2 KiB"):
        read(b"250 " + b"x" * (2048 - 5) + b"\r\n")


def test_a_line_that_never_ends_is_refused_before_it_fills_memory() -> None:
    with pytest.raises(ReplySyntaxError, match="2 KiB"):
        read(b"2" * 2049)


def test_a_reply_that_never_ends_is_refused() -> None:
    with pytest.raises(ReplySyntaxError, match="64 KiB"):
        read(b"250-" + b"x" * 1000 + b"\r\n" + (b"250-" + b"x" * 1000 + b"\r\n") * 80)


def test_an_enhanced_code_is_read_only_when_announced() -> None:
    assert read(b"550 5.1.1 unknown\r\n") == Reply(550, "", "5.1.1 unknown")
    assert read(b"550 5.1.1 unknown\r\n", enhanced=True) == Reply(550, "5.1.1", "unknown")


def test_an_enhanced_code_of_another_class_is_text() -> None:
    assert read(b"550 4.1.1 unknown\r\n", enhanced=True) == Reply(550, "", "4.1.1 unknown")


def test_an_enhanced_code_is_taken_off_every_line() -> None:
    reply = read(b"550-5.7.1 one\r\n550-more\r\n550 5.7.1 two\r\n", enhanced=True)
    assert reply == Reply(550, "5.7.1", "one\nmore\ntwo")


@pytest.mark.parametrize("text", ["5.1.1x", "5.1", "5.1.1234 x", "5.1.1.1 x"])
def test_what_only_begins_like_an_enhanced_code_is_text(text: str) -> None:
    assert read(f"550 {text}\r\n".encode(), enhanced=True) == Reply(550, "", text)


def test_control_characters_do_not_pass() -> None:
    assert read(b"550 a\x00b\x1b[31m\tc\xe2\x80\xa8d\r\n") == Reply(550, "", "a?b?[31m c?d")


def test_text_is_utf8_and_other_bytes_are_replaced() -> None:
    assert read("550 für\r\n".encode()) == Reply(550, "", "für")
    assert read(b"550 f\xfcr\r\n") == Reply(550, "", "f\ufffdr")


def test_unread_bytes_are_handed_over() -> None:
    reader = ReplyReader()
    reader.feed(b"220 ready\r\n250 injected\r\n")
    assert reader.next_reply() == Reply(220, "", "ready")
    assert reader.take_rest() == b"250 injected\r\n"
    assert reader.next_reply() is None


@given(st.binary(max_size=300), st.booleans())
def test_garbage_ends_in_a_reply_a_question_for_more_or_the_one_error(data: bytes, enhanced: bool) -> None:
    try:
        reply = read(data, enhanced=enhanced)
    except ReplySyntaxError:
        return
    assert reply is None or 200 <= reply.code < 600


lines = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


@given(st.integers(200, 599), st.lists(lines, min_size=1, max_size=5), st.data())
def test_a_reply_reads_the_same_however_it_is_cut(code: int, texts: list[str], data: st.DataObject) -> None:
    wire = b"".join(
        f"{code}{' ' if number == len(texts) else '-'}{text}\r\n".encode()
        for number, text in enumerate(texts, 1)
    )
    reader = ReplyReader()
    replies = []
    while wire:
        cut = data.draw(st.integers(1, len(wire)))
        reader.feed(wire[:cut])
        wire = wire[cut:]
        while (reply := reader.next_reply()) is not None:
            replies.append(reply)
    assert replies == [Reply(code, "", "\n".join(texts))]
