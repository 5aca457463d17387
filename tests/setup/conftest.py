from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.program.running import free_port_offset
from tests.setup.empty_folder import Folder
from tests.setup.test_looking_around import GOOD
from tests.world.dns import FakeDns


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with FakeDns(GOOD) as dns:
        dns.authentic.add("com")
        yield Folder(tmp_path, free_port_offset(), dns.address)
