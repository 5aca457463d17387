"""What strangers say can't change the shape of a notification."""

from hypothesis import given
from hypothesis import strategies as st

from delivery.dsn.lines import comment, field, header_lines
from delivery.dsn.message import failure_message
from mail.errors import Reply
from tests.dsn.reports import blocks, parse, parts, recipient, report

anything = st.text(max_size=300)
nasty = st.lists(
    st.sampled_from(
        [
            "\r\n",
            "\n",
            "\r",
            "--report-",
            "(",
            ")",
            "\\",
            "Action: delivered",
            "x" * 1500,
            "ü",
            "\u202e",
            "\0",
        ]
    )
).map("".join)


@given(
    st.sampled_from([450, 550]),
    st.sampled_from(["", "5.1.1"]),
    anything | nasty,
    st.booleans(),
    st.booleans(),
)
def test_any_reply_makes_a_well_formed_report(
    code: int, enhanced: str, text: str, remote: bool, smtputf8: bool
) -> None:
    of = report(recipient(reply=Reply(code, enhanced, text), remote=remote), smtputf8=smtputf8)
    message = parse(failure_message(of))
    _, status, _ = parts(message)
    lines = status.as_bytes().splitlines()
    assert [line for line in lines if line.startswith(b"Action:")] == [b"Action: failed"]
    if not smtputf8:
        assert failure_message(of).isascii()
        found = blocks(status)
        assert len(found) == 2
        assert found[1]["Action"] == "failed"


@given(st.binary(max_size=400), st.booleans())
def test_any_original_makes_a_well_formed_report(content: bytes, smtputf8: bool) -> None:
    message = parse(failure_message(report(header=content, smtputf8=smtputf8)))
    assert len(list(message.iter_parts())) == 3


@given(anything, st.booleans())
def test_a_comment_is_one_line_and_closed_only_at_its_end(text: str, international: bool) -> None:
    result = comment(text, international=international)
    assert "\n" not in result
    depth, position = 0, 0
    while position < len(result):
        if result[position] == "\\":
            position += 1
        else:
            depth += {"(": 1, ")": -1}.get(result[position], 0)
        position += 1
        assert depth > 0 or position == len(result)
    assert depth == 0


@given(anything | nasty)
def test_a_folded_field_has_only_continuation_lines_after_its_first(value: str) -> None:
    lines = field("X", value).split("\r\n")
    assert lines.pop() == ""
    assert lines[0].startswith("X:")
    assert all(line.startswith(" ") and line.strip() for line in lines[1:])
    assert "".join(field("X", value).removeprefix("X:").split()) == "".join(value.split())


@given(st.binary(max_size=300), st.integers(1, 100))
def test_header_lines_are_whole_lines_without_an_empty_one(content: bytes, limit: int) -> None:
    header = header_lines(content, limit)
    lines = header.split(b"\r\n")
    assert lines.pop() == b""
    assert all(lines)
    assert all(b"\r" not in line and b"\n" not in line for line in lines)
