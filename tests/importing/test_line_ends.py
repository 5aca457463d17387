import re

from hypothesis import given
from hypothesis import strategies as st

from importer.formats.content import open_content


@given(st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b""]), max_size=12).map(b"".join))
def test_every_line_end_becomes_cr_lf_and_they_are_counted(text: bytes) -> None:
    content = open_content(text, None, is_quoted=False, is_bare=True)
    assert content.start == re.sub(rb"(?<!\r)\n", b"\r\n", text)
    assert content.line_ends == content.start.count(b"\n")
