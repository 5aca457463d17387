from collections.abc import Iterator

import pytest

from tests.mtasts.policies import Policies, domain_with_policy
from tests.world.authority import Authority
from tests.world.world import World


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def policies(world: World, authority: Authority) -> Iterator[Policies]:
    with domain_with_policy(world, authority) as made:
        yield made
