"""Real SOCKS5 proxies on loopback: microsocks, which knows a login, and Dante, which has rules.

with Microsocks(login=("me", "secret")) as proxy:
    ...  # proxy.address; its connections come from proxy.outside
"""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import pytest

from tests.world.ports import free_port
from tests.world.waiting import wait_until

_PATIENCE = 10.0


def require_microsocks() -> None:
    """Skip the test where microsocks is not installed."""
    if shutil.which("microsocks") is None:
        pytest.skip("microsocks is not installed")


def require_dante() -> None:
    """Skip the test where Dante can't be run."""
    if shutil.which("danted") is None:
        pytest.skip("dante-server is not installed")
    if os.geteuid() != 0:
        pytest.skip("danted starts only as root")


class _Proxy:
    """A program that listens on a free port of loopback."""

    def __init__(self, outside: str) -> None:
        self.outside = outside
        self.folder = Path(tempfile.mkdtemp(prefix="socks-"))
        self.port = free_port()

    @property
    def address(self) -> str:
        """Host and port, as a transport of kind socks has it."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it said."""
        return (self.folder / "log").read_text()

    def command(self) -> list[str]:
        """How it is started."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it, with the connections through it."""
        self._process.kill()
        self._process.wait(_PATIENCE)

    def __enter__(self) -> Self:
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        wait_until(self._answers, f"{self.command()[0]} answers", _PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True


class Microsocks(_Proxy):
    """With a login or without one. Its connections come from `outside`."""

    def __init__(self, *, login: tuple[str, str] | None = None, outside: str = "127.0.0.77") -> None:
        super().__init__(outside)
        self._login = login

    def command(self) -> list[str]:
        """How it is started."""
        login = ["-u", self._login[0], "-P", self._login[1]] if self._login else []
        return ["microsocks", "-i", "127.0.0.1", "-p", str(self.port), "-b", self.outside, *login]


class Dante(_Proxy):
    """Without a login. It does not connect to `forbidden`."""

    def __init__(self, *, forbidden: str) -> None:
        super().__init__("127.0.0.1")
        self._forbidden = forbidden

    def command(self) -> list[str]:
        """How it is started."""
        configuration = self.folder / "danted.conf"
        configuration.write_text(
            "logoutput: stderr\n"
            f"internal: 127.0.0.1 port = {self.port}\n"
            "external: lo\n"
            "clientmethod: none\nsocksmethod: none\n"
            "user.privileged: root\nuser.unprivileged: nobody\n"
            "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
            f"socks block {{ from: 127.0.0.0/8 to: {self._forbidden}/32 }}\n"
            "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }\n"
        )
        return ["danted", "-f", str(configuration), "-p", str(self.folder / "pid")]

    def stop(self) -> None:
        """End it with the processes it has made."""
        self._process.terminate()
        self._process.wait(_PATIENCE)
