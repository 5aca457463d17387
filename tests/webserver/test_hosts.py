"""A host is known in any spelling."""

import pytest

from webserver.routing.hosts import NO_HOST, Host, parse_host


@pytest.mark.parametrize(
    ("value", "host"),
    [
        ("WWW.Example.Org", Host("www.example.org")),
        ("www.example.org.", Host("www.example.org")),
        ("www.example.org:8080", Host("www.example.org", port=8080)),
        ("bücher.example", Host("xn--bcher-kva.example")),
        ("localhost", Host("localhost")),
        ("192.0.2.1:80", Host("192.0.2.1", True, 80)),
        ("[2001:DB8::1]", Host("2001:db8::1", True)),
        ("[2001:db8::1]:443", Host("2001:db8::1", True, 443)),
    ],
)
def test_any_spelling_is_the_same_host(value: str, host: Host) -> None:
    assert parse_host(value) == host


@pytest.mark.parametrize(
    "value", ["", ":80", "a b", "a..b", "2001:db8::1", "[x]", "a:99999", "a:b", "a/b", "-a"]
)
def test_what_can_not_be_read_is_no_host(value: str) -> None:
    assert parse_host(value) == NO_HOST
