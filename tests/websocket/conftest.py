"""The servers that forward websockets, as the tests see them."""

from collections.abc import Iterator

import pytest

from tests.websocket.front import Front
from tests.world.authority import Authority
from tests.world.upgrading_daphne import UpgradingDaphne
from tests.world.websocket_edge import WebsocketEdge


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom clients and servers of these tests trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def daphne(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[UpgradingDaphne]:
    """One process for all tests."""
    server = UpgradingDaphne(tmp_path_factory.mktemp("daphne"), authority.files("ws.example"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def edge(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebsocketEdge]:
    """One for all tests."""
    server = WebsocketEdge(authority.server("ws.example"), tmp_path_factory.mktemp("edge"))
    yield server
    server.stop()


@pytest.fixture(params=["edge", "daphne"])
def front(request: pytest.FixtureRequest, authority: Authority) -> Front:
    """A server that forwards websockets."""
    server: Front = request.getfixturevalue(request.param)
    return server
