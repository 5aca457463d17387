"""Sets Django up once and gives each test that asks for `world` a database of its own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.world.memory_folder import use_memory_for_temporary_files

use_memory_for_temporary_files()
_root = Path(tempfile.mkdtemp(prefix="moxsite-tests-"))
os.environ.update(
    {
        "MOXSITE_DATA": str(_root / "data"),
        "MOXSITE_TEST_MODE": "1",
        "MOXSITE_SECRET_KEY": "a secret for tests alone, long enough to be taken",
        "MOXSITE_HOSTNAME": "mail.example.org",
        "DJANGO_SETTINGS_MODULE": "moxsite.settings",
    }
)
for _name in ("DATABASE_URL", "CELERY_BROKER_URL", "REDIS_URL", "MOXSITE_RESOLVER"):
    os.environ.pop(_name, None)
(_root / "data").mkdir(mode=0o700)

import django  # noqa: E402

django.setup()

from mail import clock  # noqa: E402
from tests.world.databases import Databases  # noqa: E402
from tests.world.world import World  # noqa: E402

DATABASES = ("sqlite", "postgresql")

# A loaded machine is slow, not wrong.
hypothesis.settings.register_profile("moxsite", deadline=None)
hypothesis.settings.load_profile("moxsite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--databases",
        default=os.environ.get("TEST_DATABASES", ",".join(DATABASES)),
        help="databases to run the tests of the store on: sqlite, postgresql or both (default)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that take longest come first, or one process would be busy with them when the others are done."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--databases").split(",")
        marker = metafunc.definition.get_closest_marker("only_database")
        if marker is not None:
            chosen = [name for name in chosen if name in marker.args]
        metafunc.parametrize("database", chosen, indirect=True)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Migrated template databases, made at their first use."""
    made = Databases(_root)
    yield made
    made.close()


@pytest.fixture
def database(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database that Django uses during the test; gives its DATABASE_URL."""
    reason = databases.missing(request.param)
    if reason:
        pytest.skip(reason)
    with databases.fresh(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def world(database: str, tmp_path: Path) -> Iterator[World]:
    """The cast on a fresh database. Afterwards the store must be consistent."""
    made = World(database, tmp_path)
    try:
        yield made
        made.finish()
    finally:
        made.close()
        clock.reset()
