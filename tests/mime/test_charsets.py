from encodings.aliases import aliases

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.charsets import codec_name, decode_bytes


@pytest.mark.parametrize(
    "label",
    [
        "zlib",
        "hex",
        "base64",
        "rot13",
        "idna",
        "punycode",
        "unicode_escape",
        "mbcs",
        "x" * 99,
        "a/b",
        "",
        "\x00",
    ],
)
def test_a_label_that_is_no_charset_of_mail_names_no_codec(label: str) -> None:
    assert codec_name(label) is None


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("ISO-8859-1", b"\x93quoted\x94", "“quoted”"),
        ("windows-1251", b"\xcf\xf0\xe8", "При"),
        ("ks_c_5601-1987", b"\xb0\xa1", "가"),
        ("iso-8859-8-i", b"\xe0", "א"),
        ("shift_jis", b"\x87\x40", "①"),
    ],
)
def test_labels_mean_what_senders_mean(label: str, data: bytes, text: str) -> None:
    assert decode_bytes(data, label) == text


def test_unlabelled_text_is_utf_8_if_it_can_be() -> None:
    assert decode_bytes("é".encode(), "") == "é"
    assert decode_bytes("é".encode(), "us-ascii") == "é"
    assert decode_bytes(b"\xe9", "US-ASCII") == "é"


@pytest.mark.parametrize("label", sorted({*aliases, *aliases.values()}))
def test_every_label_that_python_knows_can_be_asked_for(label: str) -> None:
    decode_bytes(bytes(range(256)), label).encode("utf-8")


@given(
    st.binary(), st.sampled_from(["utf-7", "utf-16", "iso-2022-jp", "gb18030", "hz"]) | st.text(max_size=20)
)
def test_any_bytes_in_any_charset_become_text_that_can_be_stored(data: bytes, label: str) -> None:
    decode_bytes(data, label).encode("utf-8")
