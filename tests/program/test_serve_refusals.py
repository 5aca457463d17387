"""What serve refuses, in a sentence with the next step."""

import socket
from pathlib import Path

import pytest

from tests.program.installation import Installation
from tests.program.running import manage

pytestmark = pytest.mark.long


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


def test_a_second_serve_on_the_same_folder_is_refused_with_the_process_number(
    installation: Installation,
) -> None:
    with installation.serve() as first:
        first.wait_for("msg=serving")
        with installation.serve() as second:
            assert second.ended() == 1
            assert f"Another serve (process {first.process.pid}) uses this data directory" in second.text
        assert first.stop() == 0


def test_a_port_in_use_is_named_with_its_address_and_what_to_do(installation: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 80 + installation.offset))
        other.listen()
        with installation.serve() as program:
            assert program.ended() == 1
            assert f"Port {80 + installation.offset} of 127.0.0.1 is in use" in program.text
            assert "MOXSITE_PORT_OFFSET" in program.text
            assert "Traceback" not in program.text


def test_an_unknown_user_is_refused_before_anything_is_opened(installation: Installation) -> None:
    with installation.serve("--user", "no-such-user") as program:
        assert program.ended() == 1
        assert "no-such-user" in program.text
        assert "Traceback" not in program.text


def test_a_database_that_cannot_be_reached_is_said_in_a_sentence(installation: Installation) -> None:
    environment = {**installation.environment, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = manage(["prepare"], environment)
    assert done.returncode == 1
    assert "Check DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
