"""The page of open websockets fits every screen."""

from pathlib import Path

import pytest
from django.test import override_settings

from tests.browser.visitor import Visitor
from tests.world.telling import telling
from tests.world.world import World
from webserver.recent.asked import run_folder

pytestmark = [pytest.mark.only_database("sqlite"), pytest.mark.external, pytest.mark.long]


def test_open_websockets_fit_every_screen(world: World, visitor: Visitor, tmp_path: Path) -> None:
    assert world.admin
    visitor.log_in("admin", world.password)
    with override_settings(DATA=tmp_path), telling(run_folder(), times=2):
        for width in (360, 1440):
            visitor.resize(width)
            visitor.check("/admin/websockets/", "websockets")
