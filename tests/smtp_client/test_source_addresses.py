import socket
from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from delivery.smtp.client.source import source_addresses, suits


def chosen(*texts: str) -> Sequence[str]:
    return source_addresses([ip_address(text) for text in texts])


@pytest.fixture
def all_are_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.socket.bind", lambda *_: None)


@pytest.mark.usefixtures("all_are_here")
@pytest.mark.parametrize(
    ("listening", "expected"),
    [
        ((), ()),
        (("192.0.2.1",), ("192.0.2.1",)),
        (("192.0.2.1", "2001:db8::1"), ("192.0.2.1", "2001:db8::1")),
        (("127.0.0.1", "192.0.2.1", "::1"), ("192.0.2.1",)),
        (("192.0.2.1", "192.0.2.2", "2001:db8::1"), ("2001:db8::1",)),
        (("0.0.0.0", "2001:db8::1"), ("2001:db8::1",)),
        (("0.0.0.0", "::"), ()),
        (("127.0.0.1", "::1"), ()),
    ],
)
def test_one_address_of_each_family_is_where_mail_leaves_from(
    listening: Sequence[str], expected: Sequence[str]
) -> None:
    assert chosen(*listening) == expected


def test_an_address_of_another_machine_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as trial, pytest.raises(OSError, match="assign"):
        trial.bind(("192.0.2.1", 0))
    assert chosen("192.0.2.1") == ()
    assert "mail can't leave from an address that is configured" in caplog.messages


@pytest.mark.parametrize(
    ("own", "ip", "expected"),
    [
        ("9.9.9.9", "1.1.1.1", True),
        ("9.9.9.9", "2606:4700::1111", False),
        ("9.9.9.9", "10.0.0.5", False),
        ("9.9.9.9", "127.0.0.1", False),
        ("10.0.0.2", "1.1.1.1", True),
        ("10.0.0.2", "10.0.0.5", True),
    ],
)
def test_a_public_address_is_not_shown_to_inner_networks(own: str, ip: str, expected: bool) -> None:
    assert suits(own, ip) is expected
