from collections.abc import Iterator

import pytest

from tests.transports.delivering import Elsewhere
from tests.world.authority import Authority
from tests.world.dns import FakeDns


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with FakeDns() as dns:
        world = Elsewhere(dns)
        yield world
        world.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))
