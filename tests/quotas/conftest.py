from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.smtp_server import MailServer
from tests.world.world import World


@pytest.fixture
def server(world: World, tmp_path: Path) -> Iterator[MailServer]:
    """All three ports."""
    made = MailServer(world, tmp_path)
    made.start()
    try:
        yield made
    finally:
        made.stop()
