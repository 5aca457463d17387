import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mailformats.modified_utf7 import decode_modified_utf7, encode_modified_utf7


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("Inbox", "Inbox"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("Tom & Jerry", "Tom &- Jerry"),
        ("&é&", "&-&AOk-&-"),
        ("😀", "&2D3eAA-"),
        ("", ""),
    ],
)
def test_names_are_written_as_in_the_standard(name: str, encoded: str) -> None:
    assert encode_modified_utf7(name) == encoded
    assert decode_modified_utf7(encoded) == name


@pytest.mark.parametrize("malformed", ["&", "a&b", "&AOk", "é", "&!-", "&A-", "&2D0-"])
def test_malformed_names_are_refused(malformed: str) -> None:
    with pytest.raises(ValueError):
        decode_modified_utf7(malformed)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_comes_back(name: str) -> None:
    assert decode_modified_utf7(encode_modified_utf7(name)) == name
    assert encode_modified_utf7(name).isascii()


@given(st.text("&-+,AaZ0é"))
def test_any_text_is_decoded_or_refused(encoded: str) -> None:
    try:
        decode_modified_utf7(encoded)
    except ValueError:
        return
