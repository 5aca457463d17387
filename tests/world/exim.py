"""Exim as a client that relays to one port on loopback, as an independent peer that sends by BDAT.

It runs where the program is installed, or where MOXSITE_TEST_EXIM names one.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

_CONFIGURATION = """\
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
primary_hostname = mx.remote.example
qualify_domain = remote.example
exim_user = mail
exim_group = mail
keep_environment =
add_environment = PATH=/usr/bin:/bin
local_interfaces = 127.0.0.1
untrusted_set_sender = *
log_selector = +smtp_confirmation
begin routers
next_hop:
  driver = manualroute
  route_list = * 127.0.0.1 byname
  self = send
  transport = smtp
begin transports
smtp:
  driver = smtp
  port = {port}
  tls_verify_certificates =
begin retry
* * F,1h,15m
"""


def require_exim() -> str:
    """The program; skips the test, with the reason, where Exim can't be run."""
    program = os.environ.get("MOXSITE_TEST_EXIM") or shutil.which("exim4", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("exim4 is not installed")
    if os.geteuid() != 0:
        pytest.skip("exim4 takes a configuration of its own only from root")
    return program


class Exim:
    """Sends each message at once; `log` is what it says about it."""

    def __init__(self, port: int) -> None:
        self._program = require_exim()
        # Not in pytest's folder: Exim gives up root, and others may not enter that one.
        self._folder = Path(tempfile.mkdtemp(prefix="exim-"))
        self._folder.chmod(0o755)
        for name in ("log", "spool"):
            (self._folder / name).mkdir()
            shutil.chown(self._folder / name, "mail", "mail")
        self._configuration = self._folder / "exim.conf"
        self._log = self._folder / "log" / "mainlog"
        text = _CONFIGURATION.format(program=self._program, folder=self._folder, port=port)
        self._configuration.write_text(text)

    def __enter__(self) -> "Exim":
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def log(self) -> str:
        """All lines so far."""
        return self._log.read_text() if self._log.exists() else ""

    def send(self, raw: bytes, sender: str, *recipients: str) -> None:
        """Return when the message was delivered or not. Its lines must end with LF."""
        self._run(raw, "-odq", "-i", "-f", sender, *recipients)
        # A second call, because without its setuid bit Exim gets root back in no other way.
        self._run(b"", "-q")

    def _run(self, raw: bytes, *arguments: str) -> None:
        command = [self._program, "-C", str(self._configuration), *arguments]
        done = subprocess.run(command, input=raw, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr.decode() + self.log
