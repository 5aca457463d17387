"""sendmail as programs call it: a process with words, standard input and a home directory."""

import os
import subprocess
import sys
from pathlib import Path

from tests.world.smtp_peer import SmtpPeer

ROOT = Path(__file__).resolve().parent.parent.parent
LETTER = b"From: alice@example.org\nTo: carol@remote.example\nSubject: hello\n\nHow are you?\n"


class Sendmail:
    """`folder` holds the configuration and the home directory."""

    def __init__(self, folder: Path) -> None:
        self.configuration = folder / "sendmail.toml"
        self.home = folder / "home"
        self.home.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        }

    def configure(self, peer: SmtpPeer | int, *lines: str) -> None:
        """Send to this server or port on loopback; `lines` are more of the configuration."""
        port = peer if isinstance(peer, int) else peer.port
        common = ['hostname = "host.example"', 'host = "localhost"', f"port = {port}"]
        if not any(line.startswith("tls") for line in lines):
            common.append('tls = "none"')
        self.configuration.write_text("\n".join([*common, *lines]) + "\n", encoding="utf-8")

    def __call__(
        self, *words: str, message: bytes = LETTER, program: tuple[str, ...] = ("manage.py", "sendmail")
    ) -> "subprocess.CompletedProcess[bytes]":
        """Call it with the configuration and the words; what came of it."""
        return subprocess.run(
            [sys.executable, *program, "--config", str(self.configuration), *words],
            input=message,
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            timeout=60,
        )

    def kept(self) -> list[Path]:
        """The messages that were kept."""
        folder = self.home / "moxsite-sendmail-failures"
        return sorted(folder.iterdir()) if folder.exists() else []
