import base64
import unicodedata
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.encoded_words import TEXT_LIMIT, decode_header_text
from tests.mime.messages import HEADER_PIECES, joined

printable = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), max_size=60)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?caf=C3=A9_au_lait?=", "café au lait"),
        (b"=?UTF-8?B?Y2Fmw6k=?= and =?iso-8859-1?Q?caf=E9?=", "café and café"),
        (b"=?utf-8*fr?q?caf=C3=A9?=", "café"),
        (b"=?utf-8?b?w6k=?= \t =?utf-8?b?w6k=?=", "éé"),
        (b"=?utf-8?b?w6k=?= =?iso-8859-1?q?=E9?=", "éé"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        (b"=?utf-8?b?w6k?=", "é"),
        (b"=?utf-8?q?what??=", "what?"),
        (b"=?utf-8?q?two words?=", "two words"),
        (b'"=?utf-8?q?=C3=A9?=" x', '"é" x'),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        (b"=?no-such-charset?q?a=E9b?=", "a\ufffdb"),
        (b"=?gb2312?b?1tDOxA==?=", "中文"),
        (b"=?iso-2022-jp?b?GyRCJEYkOSRIGyhC?=", "てすと"),
        ("raw é".encode(), "raw é"),
        (b"raw \xe9", "raw é"),
        (b"a\x00b\x1b[31mc\td", "ab[31mc d"),
        (b"=?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"),
        ("gro.\u202etxe".encode(), "gro.txe"),
        ("e\u0301".encode(), "é"),
        (b"=?utf-7?q?+2AA-?=", "\ufffd"),
        (b"", ""),
    ],
)
def test_values_as_they_are_sent(value: bytes, text: str) -> None:
    assert decode_header_text(value) == text


def test_a_long_value_is_cut_to_998_characters() -> None:
    assert decode_header_text(b"=?utf-8?q?" + b"=C3=A9" * 2000 + b"?=") == "é" * TEXT_LIMIT
    assert decode_header_text(b"x" * 5000) == "x" * TEXT_LIMIT


@pytest.mark.parametrize("piece", [b"=?a?q?", b"=?utf-8?b??= ", b"=?=?", "\u0301".encode()])
def test_hostile_repetition_is_no_work(piece: bytes) -> None:
    assert len(decode_header_text(piece * 40_000)) <= TEXT_LIMIT


@given(joined(HEADER_PIECES) | st.binary())
def test_any_bytes_become_clean_text(value: bytes) -> None:
    text = decode_header_text(value)
    assert len(text) <= TEXT_LIMIT
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
    assert text == unicodedata.normalize("NFC", text)


@given(printable)
def test_what_the_email_package_encodes_is_read_back(text: str) -> None:
    encoded = Header(text, "utf-8", maxlinelen=76).encode().replace("\n", "").encode()
    assert decode_header_text(encoded) == unicodedata.normalize("NFC", text).strip()


@given(printable)
def test_base64_words_are_read_back(text: str) -> None:
    encoded = b"=?utf-8?b?" + base64.b64encode(text.encode()) + b"?="
    assert decode_header_text(encoded) == unicodedata.normalize("NFC", text).strip()
