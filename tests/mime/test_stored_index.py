import re

from hypothesis import given
from hypothesis import strategies as st

from mail.mime.headers import starts_header_section
from mail.mime.whole import stored_index, stored_index_behind
from tests.mime.messages import contents, multipart_contents, part_index

content_fields = st.lists(
    st.sampled_from(
        [
            b"Content-Type: text/plain; charset=utf-8\r\n",
            b"Content-Type: text/plain; format=flowed; delsp=yes\r\n",
            b"Content-Type: text/html;\r\n\tboundary=x\r\n",
            b"Content-Type: application/pdf; name*=utf-8''%C3%A9.pdf\r\n",
            b"Content-Type: multipart/mixed\r\n",
            b"Content-Type: message/rfc822\r\n",
            b"Content-Type: nonsense\r\n",
            b'CONTENT-DISPOSITION: attachment; filename="a, b"\r\n',
            b"Content-Transfer-Encoding: base64\r\n",
            b"Content-ID: <a@b>\r\n",
            b"Subject: x\n",
            b"\r\n",
            b"\n",
            b" folded\r\n",
        ]
    ),
    max_size=6,
).map(b"".join)


@given(contents | multipart_contents | st.tuples(content_fields, contents).map(b"\r\n".join))
def test_a_whole_message_has_the_index_of_one_read_in_pieces(content: bytes) -> None:
    assert stored_index(content) == part_index(content).to_bytes()


@given(contents | multipart_contents | st.tuples(content_fields, contents).map(b"\r\n".join))
def test_who_knows_the_header_and_the_line_ends_gets_the_same_index(content: bytes) -> None:
    content = re.sub(rb"\r?\n", b"\r\n", content)
    start, blank_line, _ = content.partition(b"\r\n\r\n")
    header = start + b"\r\n" if blank_line and starts_header_section(start) else b""
    assert stored_index_behind(header, content, content.count(b"\n")) == stored_index(content)
