"""No address can end its command or begin another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.client.message import check_path

GOOD = [
    "",
    "carol@remote.example",
    "çarol@remote.example",
    '"car ol"@remote.example',
    '"a>b"@remote.example',
    r'"a\"b\\"@remote.example',
    "carol@[192.0.2.1]",
    "carol@[IPv6:2001:db8::1]",
    "o'neil+list=x@remote.example",
]
BAD = [
    "carol@remote.example\r\nDATA",
    "carol@remote.example>",
    "carol@remote.example> SIZE=1",
    "<carol@remote.example",
    "car ol@remote.example",
    '"carol@remote.example',
    '"a"b>"@remote.example',
    '"a\nb"@remote.example',
    '"a\\\n"@remote.example',
    '"a"@remote.example> "',
    "carol\0@remote.example",
]


@pytest.mark.parametrize("address", GOOD)
def test_addresses_in_smtp_form_pass(address: str) -> None:
    check_path(address)


@pytest.mark.parametrize("address", BAD)
def test_what_would_break_out_is_an_error_of_the_caller(address: str) -> None:
    with pytest.raises(ValueError, match="an address contains"):
        check_path(address)


@given(st.lists(st.sampled_from(list('a@.">< \\\r\n\t\0é')), max_size=12).map("".join))
def test_what_passes_has_no_line_end_and_closes_its_brackets_only_inside_quotes(address: str) -> None:
    try:
        check_path(address)
    except ValueError:
        return
    assert not set("\r\n\0\t") & set(address)
    quoted = False
    position = 0
    while position < len(address):
        if quoted and address[position] == "\\":
            position += 1
        elif address[position] == '"':
            quoted = not quoted
        elif address[position] in "<> ":
            assert quoted
        position += 1
    assert not quoted
