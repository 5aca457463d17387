import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.reception.author import author_of, parse_author
from mail.errors import MailError
from mail.mime.headers import HeaderBlock


@pytest.mark.parametrize(
    "value",
    [
        "alice@example.org",
        "<alice@example.org>",
        " Alice <alice@example.org> ",
        "Alice B. Example <alice@example.org>",
        '"Example, Alice" <alice@example.org>',
        '"alice@elsewhere.example" <alice@example.org>',
        "=?utf-8?q?Alic=C3=A9?= <alice@example.org>",
        "Älice <alice@example.org>",
        "alice@example.org (Alice (at home))",
        "(a \\( b) Alice (c) <alice@example.org> (d)",
        '"alice"@example.org',
        "alice@EXAMPLE.org",
    ],
)
def test_one_mailbox_in_any_usual_form_is_understood(value: str) -> None:
    assert str(parse_author(value.encode())) == "alice@example.org"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Alice",
        "<>",
        "alice",
        "alice@",
        "@example.org",
        "alice@example.org bob@example.org",
        "alice@example.org, bob@example.org",
        "alice@example.org,",
        "alice@example.org <bob@example.org>",
        "<alice@example.org> <bob@example.org>",
        "<alice@example.org> bob",
        "<alice@example.org>, <bob@example.org>",
        "Friends: alice@example.org;",
        "<@relay.example:alice@example.org>",
        "Alice <alice@example.org",
        "Alice alice@example.org>",
        "alice @example.org",
        "alice@ example.org",
        "alice(x)@example.org",
        "alice@example.org (no end",
        "alice@example.org)",
        '"alice <alice@example.org>',
        "al\0ice@example.org",
        "alice..b@example.org",
        "alice@exa mple.org",
        "Alice; <alice@example.org>",
    ],
)
def test_whatever_another_reader_could_take_for_somebody_else_is_refused(value: str) -> None:
    with pytest.raises(MailError, match=r"550 5\.6\.0"):
        parse_author(value.encode())


def test_what_is_not_utf_8_or_endless_is_refused() -> None:
    for value in (b"J\xf6rg <joerg@example.org>", b"a" * 5000 + b" <alice@example.org>"):
        with pytest.raises(MailError, match=r"550 5\.6\.0"):
            parse_author(value)


def test_the_field_stands_once() -> None:
    assert str(author_of(HeaderBlock.parse(b"FROM: alice@example.org\r\n"))) == "alice@example.org"
    for block in (b"Subject: x\r\n", b"From: a@example.org\r\nFrom : b@example.org\r\n"):
        with pytest.raises(MailError):
            author_of(HeaderBlock.parse(block))


@given(st.binary(max_size=200) | st.text('a@<>()",;:\\ .[]"', max_size=40).map(str.encode))
def test_any_bytes_give_an_address_or_a_refusal(value: bytes) -> None:
    refusal = None
    try:
        assert parse_author(value).domain
    except MailError as error:
        refusal = error.public
    assert refusal is None or (refusal.code, refusal.enhanced) == (550, "5.6.0")
