"""manage.py runsmtp as a process of its own, on sockets that the test holds open."""

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from delivery.smtp.server.backend import Service
from mail.process.inherited import SOCKETS_VARIABLE, describe_sockets
from mail.process.lifeline import READY, READY_VARIABLE
from tests.world.authority import Authority
from tests.world.dns import FakeDns
from tests.world.smtp_dialogue import PATIENCE, Dialogue
from tests.world.world import World


class MailProcess:
    """Connections that come while no process runs wait in the sockets. `log` is what all processes said.

    Senders are looked up in `dns`.
    """

    def __init__(self, world: World, folder: Path) -> None:
        self._sockets = {service: socket.create_server(("127.0.0.1", 0), backlog=200) for service in Service}
        self.ports: dict[Service, int] = {
            service: listening.getsockname()[1] for service, listening in self._sockets.items()
        }
        data = folder / "data"
        data.mkdir(mode=0o700)
        authority = Authority(folder)
        certificate, key = authority.files("localhost")
        key.chmod(0o600)
        self.certificate_files = certificate, key
        self.dns = FakeDns()
        self.dns.__enter__()
        self.tls = ssl.create_default_context(cafile=str(authority.ca_file))
        self.environment = world.child_environment(
            MOXSITE_DATA=str(data),
            MOXSITE_RESOLVER="{}:{}".format(*self.dns.address),
            MOXSITE_TLS_CERT_FILE=str(certificate),
            MOXSITE_TLS_KEY_FILE=str(key),
            **{SOCKETS_VARIABLE: describe_sockets(self._groups)},
        )
        self._log_file = (folder / "runsmtp.log").open("ab")
        self._log_path = folder / "runsmtp.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._others: list[subprocess.Popen[bytes]] = []

    @property
    def log(self) -> str:
        """All lines so far."""
        return self._log_path.read_text()

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self.process is not None
        return self.process.pid

    @property
    def pids(self) -> list[int]:
        """The numbers of all processes."""
        return [self.pid, *(other.pid for other in self._others)]

    def start(self, command: tuple[str, ...] = ("manage.py", "runsmtp")) -> None:
        """Start the process, and return when it has reported that it serves."""
        self.process = self._started(command)

    def start_another(self) -> None:
        """Start one more on the same sockets."""
        self._others.append(self._started(("manage.py", "runsmtp")))

    def _started(self, command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
        reading, writing = os.pipe()
        inherited = [listening.fileno() for listening in self._sockets.values()]
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**self.environment, READY_VARIABLE: str(writing)},
            pass_fds=(*inherited, writing),
            stdin=subprocess.PIPE,
            process_group=0,
            stdout=self._log_file,
            stderr=self._log_file,
        )
        os.close(writing)
        with open(reading, "rb") as readiness:
            assert readiness.read(len(READY)) == READY, self.log
        return process

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal; the exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def connect(self, service: Service = Service.SMTP) -> Dialogue:
        """A session after EHLO."""
        dialogue = Dialogue(self.ports[service], tls=self.tls if service is Service.SUBMISSIONS else None)
        dialogue.expect("250", "EHLO client.example")
        return dialogue

    def memory(self) -> int:
        """Bytes of physical memory that the process uses."""
        return self._status("VmRSS")

    def peak_memory(self) -> int:
        """The most it used since `forget_peak`."""
        return self._status("VmHWM")

    def forget_peak(self) -> None:
        """Measure anew (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    @property
    def _groups(self) -> dict[str, list[socket.socket]]:
        return {str(service): [listening] for service, listening in self._sockets.items()}

    def _status(self, name: str) -> int:
        match = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert match
        return int(match[1]) * 1024

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in [*([self.process] if self.process else []), *self._others]:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        for listening in self._sockets.values():
            listening.close()
        self._log_file.close()
        self.dns.close()
