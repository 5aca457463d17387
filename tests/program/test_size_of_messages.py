"""MOXSITE_MESSAGE_SIZE: how large a message may be."""

import smtplib
from pathlib import Path

import pytest

from tests.program.installation import Installation
from tests.program.running import Program

pytestmark = [pytest.mark.long, pytest.mark.only_database("sqlite")]


def test_it_is_announced_and_kept_on_the_ports_for_servers_and_for_users(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "data")
    environment = {**installation.environment, "MOXSITE_MESSAGE_SIZE": "100000"}
    with Program(["manage.py", "serve"], environment) as serving:
        serving.wait_for("msg=ready", "role=smtp")
        for port in (25, 587):
            with smtplib.SMTP("127.0.0.1", port + installation.offset, timeout=60) as client:
                client.ehlo("client.example")
                assert client.esmtp_features["size"] == "100000"
                if port == 25:
                    code, text = client.docmd("MAIL FROM:<a@remote.example> SIZE=100001")
                    assert (code, b"100000" in text) == (552, True)
        assert serving.stop() == 0


def test_a_size_that_no_mail_would_fit_into_stops_the_program(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "data")
    environment = {**installation.environment, "MOXSITE_MESSAGE_SIZE": "10 MB"}
    with Program(["manage.py", "serve"], environment) as serving:
        serving.wait_for("MOXSITE_MESSAGE_SIZE=", "a whole number from 65536")
