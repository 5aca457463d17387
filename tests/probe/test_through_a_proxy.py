"""Testing transports through a SOCKS proxy."""

from collections.abc import Iterator

import pytest

from tests.probe.testing import names, probe
from tests.transports.delivering import Elsewhere
from tests.world.smtp_peer import Ordinary
from tests.world.socks_server import Microsocks, require_microsocks

pytestmark = pytest.mark.external


@pytest.fixture
def proxy() -> Iterator[Microsocks]:
    require_microsocks()
    with Microsocks(login=("me", "right")) as running:
        yield running


def test_the_proxy_is_part_of_the_way(elsewhere: Elsewhere, proxy: Microsocks) -> None:
    server = elsewhere.server("remote.example", Ordinary())
    settings = {"address": proxy.address, "username": "me", "password": "right"}
    (way,) = probe(elsewhere, "socks", settings).ways
    assert way.succeeded
    assert f"through the SOCKS proxy {proxy.address}" in way.steps[2].text
    assert names(way)[:4] == ["MX", "addresses", "connect", "greeting"]
    assert server.messages == []


def test_a_proxy_that_refuses_the_login_is_named(elsewhere: Elsewhere, proxy: Microsocks) -> None:
    elsewhere.server("remote.example", Ordinary())
    settings = {"address": proxy.address, "username": "me", "password": "wrong"}
    (way,) = probe(elsewhere, "socks", settings).ways
    assert [found.name for found in way.diagnoses] == ["proxy refuses"]


def test_a_proxy_that_is_not_there_is_named(elsewhere: Elsewhere) -> None:
    elsewhere.server("remote.example", Ordinary())
    (way,) = probe(elsewhere, "socks", {"address": "127.0.0.1:9"}).ways
    assert [found.name for found in way.diagnoses] == ["proxy can’t be reached"]
