from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.browser.chromium import browser, missing, pages_server
from tests.browser.visitor import Visitor
from tests.world.world import World


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    profile: Path = tmp_path_factory.mktemp("chromium")
    with browser(profile) as started:
        yield started


@pytest.fixture
def visitor(world: World, driver: Chrome) -> Iterator[Visitor]:
    """Somebody with a browser, in front of a server on the world's database."""
    driver.get_log("browser")  # type: ignore[no-untyped-call] # what earlier visits left
    with pages_server() as base:
        yield Visitor(driver, base)
