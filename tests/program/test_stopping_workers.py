from pathlib import Path

import pytest

from tests.program.running import ROOT, Program
from tests.world.workers import worker_environment
from tests.world.world import World

pytestmark = pytest.mark.long


@pytest.mark.only_database("sqlite")
def test_a_job_that_waits_for_others_does_not_keep_the_worker_from_stopping(
    world: World, tmp_path: Path
) -> None:
    assert world.alice
    world.close()
    environment = worker_environment(world, PYTHONPATH=str(ROOT))
    command = ["tests/program/stuck_worker.py", "runworker", "--jobs", "background"]
    with Program(command, environment) as program:
        program.wait_for("stuck")
        assert program.stop() == 0
        assert any("jobs are cut off" in line for line in program.lines)
