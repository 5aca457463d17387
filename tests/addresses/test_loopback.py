import pytest

from mail.ip_address import is_loopback


@pytest.mark.parametrize("text", ["127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1", "::1%lo"])
def test_every_way_to_write_loopback_is_known(text: str) -> None:
    assert is_loopback(text)


@pytest.mark.parametrize(
    "text", ["192.0.2.1", "::2", "::ffff:192.0.2.1", "127.0.0.1.example", "127.1", "localhost", ""]
)
def test_names_and_other_addresses_are_not_loopback(text: str) -> None:
    assert not is_loopback(text)
