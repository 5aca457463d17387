"""serve runs the mail ports beside everything else."""

import base64
import ssl
from pathlib import Path

import pytest

from mail.process.listening import PORTS
from tests.program.installation import Installation
from tests.program.running import Program
from tests.world.smtp_dialogue import Dialogue

pytestmark = pytest.mark.long


def test_all_three_ports_greet_and_the_certificate_is_the_self_made_one(tmp_path: Path) -> None:
    installation = Installation(tmp_path / "data")
    ports = {service: PORTS[service] + installation.offset for service in PORTS}
    with Program(["manage.py", "serve"], installation.environment) as program:
        program.wait_for("msg=serving")
        for service in ("smtp", "submission"):
            with Dialogue(ports[service]) as client:
                assert client.greeting.startswith("220 localhost ESMTP")
                assert "STARTTLS" in client.expect("250", "EHLO client.example")
        tls = ssl.create_default_context(
            cafile=str(installation.data / "secrets" / "self-made-certificate.pem")
        )
        with Dialogue(ports["submissions"], tls=tls) as client:
            assert "AUTH SCRAM-SHA-256-PLUS" in client.expect("250", "EHLO client.example")
            claim = base64.b64encode(b"\0nobody\0nothing").decode()
            client.expect("535 5.7.8", f"AUTH PLAIN {claim}")
        assert program.stop() == 0
