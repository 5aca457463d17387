"""`config apply` says beforehand which queued mail goes another way."""

from pathlib import Path

import pytest

from delivery.models import Route
from mail.models import Domain
from moxsite.configfile import ApplyFailed, queue_effects
from tests.configfile.applying import apply, plan
from tests.configfile.test_config_command import config
from tests.pages.visiting import send
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

BASE = """
[transports.relay]
kind = "submission"
host = "smtp.relay.example"

[transports.refuse]
kind = "fail"

[domains."example.org"]
localpart_separators = ["+"]

[accounts.alice]
full_name = "Alice"
[accounts.alice.destinations."alice@example.org"]
"""
TO_RELAY = '[[routes]]\nto_domains = ["x.example"]\ntransport = "relay"\n'
REFUSED = '[[routes]]\ntransport = "refuse"\n'


@pytest.fixture
def waiting(world: World) -> None:
    """Two recipients at x.example and one at y.example wait."""
    assert world.alice
    apply(BASE)
    send(world, world.alice, "a@x.example", "b@x.example", "c@y.example")


@pytest.mark.usefixtures("waiting")
def test_the_check_shows_the_mail_that_goes_another_way_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(TO_RELAY + REFUSED + BASE)
    said = config("apply", str(file), "--check")
    assert "! 2 queued recipients would change transport: direct → relay (submission)" in said
    assert "! 1 queued recipient would fail: direct → refuse (fail)" in said
    assert not Route.objects.exists()
    assert "2 queued recipients" in config("apply", str(file), "--yes")
    assert Route.objects.count() == 2
    assert config("apply", str(file), "--check") == "No changes.\n"


@pytest.mark.usefixtures("waiting")
def test_changes_that_concern_no_queued_mail_have_no_effect() -> None:
    assert queue_effects(plan(BASE + TO_RELAY.replace("x.example", "z.example"))) == []


@pytest.mark.usefixtures("waiting")
def test_a_file_that_can_not_be_applied_is_told_at_the_check() -> None:
    made = plan(BASE + '[domains."new.example"]\n')
    Domain.objects.create(name="new.example")
    with pytest.raises(ApplyFailed):
        queue_effects(made)
    assert Domain.objects.filter(name="new.example").count() == 1
