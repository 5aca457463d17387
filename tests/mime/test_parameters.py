from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.parameters import parse_parameters
from mail.mime.part_fields import read_part_fields
from tests.mime.messages import HEADER_PIECES, joined

tokens = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=10)
# The email package loses its way at a backslash before a closing quote.
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="\\"), max_size=30)
any_text = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (b"text/plain; charset=utf-8", "charset", "utf-8"),
        (b'text/plain; charset="utf-8"; x=y', "charset", "utf-8"),
        (b"text/plain (a comment); Charset = utf-8 ;", "charset", "utf-8"),
        (b"text/plain;;charset=utf-8", "charset", "utf-8"),
        (b"text/plain; junk; charset=utf-8", "charset", "utf-8"),
        (b'attachment; filename="a;b\\"c.txt"', "filename", 'a;b"c.txt'),
        (b"attachment; filename=two words.txt; x=y", "filename", "two words.txt"),
        (b"attachment; filename*=utf-8'en'%C3%A9%20a.txt", "filename", "é a.txt"),
        (
            b"attachment; filename*0*=utf-8''%C3%A9; filename*1=\"%20b\"; filename*2*=%20c",
            "filename",
            "é%20b c",
        ),
        (b"attachment; filename*1=b; filename*0=a", "filename", "ab"),
        (b"attachment; filename*0=a; filename*2=c", "filename", "a"),
        (b"attachment; filename=plain.txt; filename*=utf-8''%C3%A9.txt", "filename", "é.txt"),
        (b'attachment; filename="=?utf-8?q?=C3=A9=2Etxt?="', "filename", "é.txt"),
        (b'attachment; filename="no end', "filename", "no end"),
        (b"attachment; filename=", "filename", ""),
        (b"a; x=first; x=second", "x", "first"),
        (b"", "x", ""),
    ],
)
def test_parameters_as_they_are_sent(value: bytes, name: str, text: str) -> None:
    assert parse_parameters(value).text(name) == text


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        (b"../../etc/passwd", "_.._etc_passwd"),
        (b"a/b", "a_b"),
        (b".bashrc", "bashrc"),
        (b"x" * 999, "x" * 255),
    ],
)
def test_a_filename_is_never_a_path(name: bytes, saved: str) -> None:
    assert (
        read_part_fields(b'Content-Disposition: attachment; filename="' + name + b'"\r\n').filename == saved
    )


def test_the_name_of_the_type_is_the_filename_where_the_disposition_has_none() -> None:
    fields = read_part_fields(b"Content-Type: image/png; name=a.png\r\nContent-Disposition: inline\r\n")
    assert (fields.filename, fields.disposition) == ("a.png", "inline")


@pytest.mark.parametrize(
    "content_type", [b"text", b"text/", b"/x", b"a b/c", b"", b"text/\xff", b"x" * 200 + b"/y"]
)
def test_a_malformed_type_is_plain_text(content_type: bytes) -> None:
    assert (
        read_part_fields(b"Content-Type: " + content_type + b"\r\n", "message/rfc822").content_type
        == "text/plain"
    )


def test_encoding_and_content_id_are_normalised() -> None:
    fields = read_part_fields(b"Content-Transfer-Encoding: Base64 (yes)\r\nContent-ID: <a@b>\r\n")
    assert (fields.encoding, fields.content_id) == ("base64", "a@b")


@given(st.dictionaries(tokens, values, max_size=5))
def test_well_formed_parameters_are_read_as_the_email_package_reads_them(parameters: dict[str, str]) -> None:
    message = Message()
    message.add_header("Content-Type", "text/plain", **parameters)
    value = message["Content-Type"].encode()
    parsed = parse_parameters(value)
    for name in parameters:
        assert parsed.raw(name).decode() == message.get_param(name)


@given(any_text)
def test_encoded_filenames_of_the_email_package_are_read(name: str) -> None:
    message = Message()
    message.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
    assert parse_parameters(message["Content-Disposition"].encode()).extended["filename"] == name


@given(joined([*HEADER_PIECES, b"a*0*=", b"a*=", b"'", b"%41", b"=", b"a*1="]) | st.binary())
def test_any_bytes_are_read(value: bytes) -> None:
    parsed = parse_parameters(value)
    for name in (*parsed.plain, *parsed.extended):
        parsed.text(name)
        parsed.raw(name)
    read_part_fields(b"Content-Type: " + value)


@pytest.mark.parametrize("piece", [b'a="', b";", b"a=", b"a=(", b" ", b"\\", b"a*999=x;", b"a=b;"])
def test_hostile_repetition_is_no_work(piece: bytes) -> None:
    parse_parameters(b"text/plain;" + piece * 60_000)
