from email.utils import formataddr, getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.address_list import HeaderAddress, parse_address_list
from tests.mime.messages import HEADER_PIECES, joined

words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
names = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20).map(
    lambda text: " ".join(text.split())
)
addresses = st.tuples(names, st.builds("{}@{}.example".format, words, words))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"alice@example.org", [("", "alice@example.org")]),
        (b"Alice <alice@example.org>", [("Alice", "alice@example.org")]),
        (
            b'"Alice, of course" <alice@example.org>, bob@example.org',
            [("Alice, of course", "alice@example.org"), ("", "bob@example.org")],
        ),
        (b'"Al \\"x\\" ice" <a@b>', [('Al "x" ice', "a@b")]),
        (b"alice@example.org (Alice (of course))", [("Alice (of course)", "alice@example.org")]),
        (b"=?utf-8?q?Ren=C3=A9?= =?utf-8?q?e?= <r@example.org>", [("Renée", "r@example.org")]),
        (b'"=?utf-8?q?Ren=C3=A9?=" <r@example.org>', [("René", "r@example.org")]),
        (
            b"friends: alice@example.org, Bob <bob@example.org>;, carol@remote.example",
            [("", "alice@example.org"), ("Bob", "bob@example.org"), ("", "carol@remote.example")],
        ),
        (b"undisclosed-recipients:;", []),
        (b"<@relay.example,@b.example:alice@example.org>", [("", "alice@example.org")]),
        (b'"alice smith"@example.org', [("", '"alice smith"@example.org')]),
        (b"alice@[IPv6:2001:db8::1]", [("", "alice@[IPv6:2001:db8::1]")]),
        (b"Alice <alice@example.org", [("Alice", "alice@example.org")]),
        (b"Alice", [("Alice", "")]),
        (b"<>", []),
        (b"a@b.example,,c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
        ("Ünal <ü@exämple.org>".encode(), [("Ünal", "ü@exämple.org")]),
        (b"", []),
    ],
)
def test_lists_as_they_are_sent(value: bytes, expected: list[tuple[str, str]]) -> None:
    assert parse_address_list(value) == tuple(HeaderAddress(name, address) for name, address in expected)


def test_a_list_is_cut_at_the_limit() -> None:
    assert len(parse_address_list(b"a@b.example, " * 500, limit=7)) == 7


@pytest.mark.parametrize("piece", [b'"', b"(", b"<", b"[", b"\\", b" ", b'("', b"a@b,"])
def test_hostile_repetition_is_no_work(piece: bytes) -> None:
    assert len(parse_address_list(piece * 100_000)) <= 100


@given(st.lists(addresses, min_size=1, max_size=5))
def test_well_formed_lists_are_read_as_the_email_package_reads_them(people: list[tuple[str, str]]) -> None:
    value = ", ".join(formataddr(person) for person in people)
    found = [(one.name, one.address) for one in parse_address_list(value.encode())]
    expected = [(" ".join(name.split()), address) for name, address in getaddresses([value])]
    assert [(" ".join(name.split()), address) for name, address in found] == expected


@given(joined(HEADER_PIECES) | st.binary())
def test_any_bytes_give_clean_addresses(value: bytes) -> None:
    for one in parse_address_list(value):
        assert one.name or one.address
        assert "\n" not in one.name + one.address
