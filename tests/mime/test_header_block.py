import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.headers import HeaderBlock
from tests.mime.messages import header_blocks

BLOCK = (
    b"Received: from a\r\n\tby b;\r\n  Tue\r\n"
    b"Subject: one\r\n"
    b"not a field\r\n"
    b"BCC : hidden@example.org\r\n"
    b"subject:two\r\n"
    b"Bcc:\r\n x@example.org\r\n"
)


def test_a_value_is_unfolded_and_stripped() -> None:
    assert HeaderBlock.parse(BLOCK).get("received") == b"from a\tby b;  Tue"


def test_a_repeated_field_gives_its_first_value_or_all() -> None:
    header = HeaderBlock.parse(BLOCK)
    assert header.get("SUBJECT") == b"one"
    assert header.get_all("Subject") == [b"one", b"two"]


def test_a_missing_field_is_none_and_an_empty_list() -> None:
    header = HeaderBlock.parse(BLOCK)
    assert header.get("date") is None
    assert header.get_all("date") == []
    assert "date" not in header
    assert "subject" in header


def test_white_space_before_the_colon_does_not_hide_a_field_from_removal() -> None:
    assert b"example.org" not in HeaderBlock.parse(BLOCK).without(["bcc"])


def test_removal_keeps_every_other_byte() -> None:
    without = HeaderBlock.parse(BLOCK).without({"Bcc", "Return-Path"})
    assert (
        without == b"Received: from a\r\n\tby b;\r\n  Tue\r\nSubject: one\r\nnot a field\r\nsubject:two\r\n"
    )


def test_a_function_decides_by_name_and_value() -> None:
    header = HeaderBlock.parse(BLOCK)
    without = header.without(lambda name, value: name == "subject" and value == b"two")
    assert without == BLOCK.replace(b"subject:two\r\n", b"")


@pytest.mark.parametrize(
    "line", [b"no colon\r\n", b": no name\r\n", b"two words: x\r\n", b" leading: x\r\n", b"\xff: x\n"]
)
def test_a_malformed_line_stays_and_has_no_name(line: bytes) -> None:
    header = HeaderBlock.parse(line + b"To: bob\r\n")
    assert header.fields == [line, b"To: bob\r\n"]
    assert header.without(lambda name, value: name != "to") == line + b"To: bob\r\n"


def test_a_removed_field_takes_its_folded_lines_along() -> None:
    header = HeaderBlock.parse(b"Bcc: a,\n b,\n\tc\nTo: d\n")
    assert header.without(["bcc"]) == b"To: d\n"


def test_a_block_need_not_end_with_a_line_break() -> None:
    header = HeaderBlock.parse(b"To: bob\r\nSubject: x")
    assert header.get("subject") == b"x"
    assert bytes(header) == b"To: bob\r\nSubject: x"


def test_an_empty_block_has_no_fields() -> None:
    assert HeaderBlock.parse(b"").fields == []


@given(header_blocks)
def test_the_fields_joined_are_the_block(block: bytes) -> None:
    header = HeaderBlock.parse(block)
    assert b"".join(header.fields) == block == bytes(header) == header.without([])


@given(header_blocks)
def test_after_removal_the_field_is_gone_and_removing_again_changes_nothing(block: bytes) -> None:
    without = HeaderBlock.parse(block).without(["bcc"])
    assert HeaderBlock.parse(without).without(["bcc"]) == without
    assert HeaderBlock.parse(without).get_all("bcc") == []


@given(
    st.lists(
        st.sampled_from(
            [b"Subject", b"SUBJECT", b"To", b"-To", b":", b" ", b"\t", b" x", b"y", b"\r\n", b"\n", b"\xff"]
        ),
        max_size=25,
    ).map(b"".join)
)
def test_the_first_field_of_a_name_is_the_same_whether_or_not_the_others_are_split(block: bytes) -> None:
    for name in ("Subject", "To"):
        every = HeaderBlock.parse(block).get_all(name)
        header = HeaderBlock.parse(block)
        assert header.get(name) == (every[0] if every else None)
        assert (name in header) == header.has_any({name.lower().encode()}) == bool(every)
        assert (name in header) == (HeaderBlock.parse(block).without({name}) != block)
