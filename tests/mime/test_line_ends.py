import re

from hypothesis import given
from hypothesis import strategies as st

from mail.line_ends import count_line_ends, with_crlf

texts = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"."]), max_size=12).map(b"".join)


@given(texts)
def test_line_ends_are_counted_where_there_are_no_others(text: bytes) -> None:
    has_others = re.search(rb"(?<!\r)\n|\r(?!\n)", text)
    assert count_line_ends(text) == (None if has_others else text.count(b"\r\n"))


@given(texts)
def test_every_line_end_becomes_cr_lf(text: bytes) -> None:
    assert with_crlf(text) == re.sub(rb"\r\n|\r|\n", b"\r\n", text)
