"""The domain that a message from elsewhere says it is from."""

import pytest

from mail.authentication.author import author_domain
from mail.errors import MailError
from mail.mime.headers import HeaderBlock


def domain_of(*values: str) -> str:
    return author_domain(HeaderBlock.parse("".join(f"From: {value}\r\n" for value in values).encode()))


@pytest.mark.parametrize(
    ("value", "domain"),
    [
        ("carol@remote.example", "remote.example"),
        ("Carol <carol@Remote.EXAMPLE>", "remote.example"),
        ("Carol, Inc <carol@remote.example>", "remote.example"),
        ("carol@remote.example, dan@remote.example", "remote.example"),
        ('"a@b.example" <carol@remote.example>', "remote.example"),
        ("carol@remote.example (at home)", "remote.example"),
        ("=?utf-8?q?C=C3=A9?= <carol@remote.example>", "remote.example"),
        ("carol@b\u00fccher.example", "xn--bcher-kva.example"),
        ("carol@xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("carol@a_host.remote.example", "a_host.remote.example"),
        ("root@localhost", "localhost"),
        ("carol@[192.0.2.1]", "[192.0.2.1]"),
        ("carol@remote.example.", "remote.example"),
    ],
)
def test_one_domain(value: str, domain: str) -> None:
    assert domain_of(value) == domain


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ([], "no From"),
        (["carol@remote.example", "carol@remote.example"], "2 From"),
        (["carol@remote.example, mallory@evil.example"], "several domains"),
        (["carol"], "no address"),
        (["undisclosed-recipients:;"], "no address"),
        ([""], "no address"),
        (["carol@remote..example"], "can't be used"),
        (["carol@"], "can't be used"),
        ([", ".join(f"c{number}@remote.example" for number in range(200))], "too many"),
    ],
)
def test_anything_else_is_refused(values: list[str], word: str) -> None:
    with pytest.raises(MailError) as raised:
        domain_of(*values)
    assert (raised.value.public.code, raised.value.public.enhanced) == (550, "5.7.1")
    assert word in raised.value.public.text
    assert raised.value.public.text.isascii()
