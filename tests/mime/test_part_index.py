import pytest

from mail.mime.part_index import Part, PartIndex
from tests.mime.messages import part_index

MIXED = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"


def bodies(content: bytes) -> dict[str, bytes]:
    index = part_index(content)
    return {part.path: content[part.body_offset : part.body_end] for part in index.parts}


def the_part(index: PartIndex, path: str) -> Part:
    part = index.part(path)
    assert part is not None
    return part


def test_a_message_without_mime_fields_is_one_text_part() -> None:
    index = part_index(b"Subject: x\r\n\r\nHello\r\nBob\r\n")
    assert index == PartIndex(26, (Part("1", -1, 0, 14, 12, lines=2),))


def test_parts_are_found_between_delimiters_and_leave_out_the_line_break_before() -> None:
    content = (
        MIXED
        + b"preamble\r\n--a\r\n\r\none\r\n\r\n--a\r\nContent-Type: text/html\r\n\r\ntwo\r\n--a--\r\nepilogue"
    )
    assert bodies(content) == {"TEXT": content[len(MIXED) :], "1": b"one\r\n", "2": b"two"}


def test_line_feeds_alone_separate_parts_too() -> None:
    content = b"Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\n\ntwo\n\n--a--\n"
    assert bodies(content) | {"TEXT": b""} == {"TEXT": b"", "1": b"one", "2": b"two\n"}


def test_nested_multiparts_are_numbered_as_imap_does() -> None:
    content = (
        MIXED + b"--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        b"--b\r\n\r\nplain\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--\r\n"
        b"--a\r\nContent-Type: image/png\r\n\r\npng\r\n--a--\r\n"
    )
    index = part_index(content)
    assert [(part.path, part.parent, part.content_type) for part in index.parts] == [
        ("TEXT", -1, "multipart/mixed"),
        ("1", 0, "multipart/alternative"),
        ("1.1", 1, "text/plain"),
        ("1.2", 1, "text/html"),
        ("2", 0, "image/png"),
    ]
    assert [part.path for _, part in index.children(1)] == ["1.1", "1.2"]


def test_an_enclosed_message_has_parts_of_its_own() -> None:
    inner = b"Subject: inner\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nin\r\n--b--"
    content = MIXED + b"--a\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--a--\r\n"
    found = bodies(content)
    assert list(found) == ["TEXT", "1", "1.TEXT", "1.1"]
    assert found["1"] == inner
    assert found["1.1"] == b"in"


def test_an_enclosed_message_without_parts_has_a_body() -> None:
    content = b"Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\nHello\r\n"
    assert bodies(content) == {"1": b"Subject: inner\r\n\r\nHello\r\n", "1.1": b"Hello\r\n"}


def test_parts_of_a_digest_are_messages() -> None:
    content = (
        MIXED.replace(b"mixed", b"digest")
        + b"--a\r\n\r\nSubject: x\r\n\r\none\r\n--a\r\nContent-Type: text/plain\r\n\r\ntwo\r\n--a--\r\n"
    )
    assert bodies(content) | {"TEXT": b""} == {
        "TEXT": b"",
        "1": b"Subject: x\r\n\r\none",
        "1.1": b"one",
        "2": b"two",
    }


def test_a_boundary_that_begins_like_another_is_no_match() -> None:
    content = (
        MIXED
        + b"--a\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n"
        + b"--ab\r\n\r\n--abc\r\n--aa\r\n--ab--\r\n--a--\r\n"
    )
    assert bodies(content)["1.1"] == b"--abc\r\n--aa"


def test_blanks_behind_a_delimiter_do_not_count() -> None:
    assert bodies(MIXED + b"--a \t\r\n\r\none\r\n--a--  \r\n")["1"] == b"one"


def test_an_outer_delimiter_ends_parts_that_were_never_closed() -> None:
    content = (
        MIXED + b"--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nin\r\n--a\r\n\r\nout\r\n"
    )
    assert bodies(content)["1.1"] == b"in"
    assert bodies(content)["2"] == b"out\r\n"


def test_without_a_closing_delimiter_the_last_part_reaches_to_the_end() -> None:
    assert bodies(MIXED + b"--a\r\n\r\none\r\n")["1"] == b"one\r\n"


def test_a_closing_delimiter_needs_no_line_end() -> None:
    assert bodies(MIXED + b"--a\r\n\r\none\r\n--a--")["1"] == b"one"


def test_behind_the_closing_delimiter_its_boundary_means_nothing() -> None:
    assert list(bodies(MIXED + b"--a\r\n\r\none\r\n--a--\r\n--a\r\n\r\ntwo\r\n")) == ["TEXT", "1"]


def test_a_delimiter_may_follow_the_header_of_a_part_at_once() -> None:
    content = MIXED + b"--a\r\nContent-Type: text/html\r\n--a\r\n--a\r\n\r\n--a--\r\n"
    index = part_index(content)
    assert [(part.content_type, part.body_length) for part in index.parts[1:]] == [
        ("text/html", 0),
        ("text/plain", 0),
        ("text/plain", 0),
    ]


def test_where_two_open_multiparts_use_one_boundary_the_outer_one_has_it() -> None:
    content = MIXED + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n\r\none\r\n--a--\r\n"
    assert [part.path for part in part_index(content).parts] == ["TEXT", "1", "2"]


def test_a_part_without_a_header_starts_with_its_text() -> None:
    content = MIXED + b"--a\r\nHello Bob\r\nSubject: no\r\n\r\n--a--\r\n"
    assert bodies(content)["1"] == b"Hello Bob\r\nSubject: no\r\n"


@pytest.mark.parametrize("parameters", [b"", b"; boundary=", b'; boundary="' + b"x" * 501 + b'"'])
def test_a_multipart_without_a_usable_boundary_is_one_part(parameters: bytes) -> None:
    index = part_index(b"Content-Type: multipart/mixed" + parameters + b"\r\n\r\n--\r\n\r\nx\r\n----\r\n")
    assert [(part.path, part.content_type, part.lines) for part in index.parts] == [
        ("1", "multipart/mixed", None)
    ]


@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable"])
def test_encoded_messages_and_multiparts_are_not_opened(encoding: bytes) -> None:
    field = b"Content-Transfer-Encoding: " + encoding + b"\r\n"
    assert list(bodies(field + b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n")) == ["1"]
    assert list(bodies(field + MIXED + b"--a\r\n\r\nx\r\n")) == ["1"]


def test_a_part_knows_how_its_content_is_to_be_read() -> None:
    content = (
        b'Content-Type: Text/Plain; charset="ISO-8859-1"; format=flowed; delsp=yes\r\n'
        b"Content-Transfer-Encoding: Quoted-Printable\r\nContent-ID: <1@b>\r\n"
        b"Content-Disposition: inline; filename*=utf-8''%C3%A9.txt\r\n\r\nx"
    )
    part = the_part(part_index(content), "1")
    assert (part.content_type, part.charset, part.encoding) == (
        "text/plain",
        "iso-8859-1",
        "quoted-printable",
    )
    assert (part.content_id, part.disposition, part.filename) == ("1@b", "inline", "é.txt")
    assert part.flowed
    assert part.delete_space
    assert not part.is_attachment


def test_a_part_with_a_name_is_an_attachment_unless_it_is_inline() -> None:
    for disposition, expected in ((b"attachment", True), (b"inline", False), (b"", True)):
        content = b"Content-Type: image/png; name=a.png\r\nContent-Disposition: " + disposition + b"\r\n\r\n"
        assert the_part(part_index(content), "1").is_attachment is expected


def test_lines_are_counted_in_text_and_in_enclosed_messages_only() -> None:
    content = (
        MIXED + b"--a\r\n\r\none\r\ntwo\r\n--a\r\nContent-Type: message/rfc822\r\n\r\n"
        b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: a/b\r\n\r\n1\r\n2\r\n--b--\r\n"
        b"--a\r\nContent-Type: image/png\r\n\r\n\n\n\r\n--a--\r\n"
    )
    index = part_index(content)
    assert [(part.path, part.lines) for part in index.parts] == [
        ("TEXT", None),
        ("1", 1),
        ("2", 8),
        ("2.TEXT", None),
        ("2.1", None),
        ("3", None),
    ]


def test_header_offsets_lead_to_the_header_of_each_part() -> None:
    content = MIXED + b"--a\r\nX-One: 1\r\n\r\none\r\n--a--\r\n"
    part = the_part(part_index(content), "1")
    assert content[part.header_offset :][: part.header_length] == b"X-One: 1\r\n\r\n"
