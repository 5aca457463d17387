import subprocess
import sys
from pathlib import Path

import pytest

from mail.store.verify import damaged_contents
from tests.world.world import World

pytestmark = pytest.mark.long

KILLS = 200


def test_what_was_acknowledged_is_whole_after_200_kills(world: World, tmp_path: Path) -> None:
    report = tmp_path / "acknowledged"
    account = world.alice
    subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("dying_writer.py")),
            str(account.pk),
            str(KILLS),
            str(report),
        ],
        check=True,
        timeout=300,
        env=world.child_environment(),
    )
    acknowledged = report.read_text().splitlines()
    kept = [message.content.subject for message in world.messages(account)]
    assert len(acknowledged) >= KILLS // 2, "every second process acknowledges something before it is killed"
    assert len(kept) == len(set(kept))
    assert set(acknowledged) <= set(kept)
    # Committed, then killed before it could say so: two threads in each of the processes.
    assert len(kept) - len(acknowledged) <= 2 * KILLS
    assert [damage for _, damage in damaged_contents() if damage] == []
