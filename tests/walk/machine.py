"""Machines for tests, each with a network and names of its own, so that the real ports are free there."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.world.waiting import wait_until

BRIDGE: Final = "wire"
_CLONE_NEWNET: Final = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def missing() -> str:
    """Why there can be no machines here; empty when there can."""
    absent = [program for program in ("unshare", "nsenter", "ip", "mount") if shutil.which(program) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "ip", "link", "add", "one", "type", "veth", "peer", "name", "two"],
        capture_output=True,
        text=True,
    )
    return f"no networks of our own: {tried.stderr.strip()}" if tried.returncode else ""


class Machine:
    """A network namespace and a mount namespace, which last as long as a process that does nothing."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder / name
        self.folder.mkdir()
        self.ips: tuple[str, ...] = ()
        # It ends with this process, however that ends.
        self._holder = subprocess.Popen(["unshare", "--net", "--mount", "cat"], stdin=subprocess.PIPE)
        wait_until(self._is_separate, f"{name} is a machine of its own")
        self.run("ip", "link", "set", "lo", "up")
        self._replace("/etc/hosts", f"127.0.0.1 localhost\n::1 localhost\n127.0.1.1 {name}\n")

    def command(self, *words: str, folder: Path | None = None) -> list[str]:
        """What runs a program on this machine, in a folder; its process is the program's own."""
        return ["nsenter", "--target", str(self._holder.pid), "--net", "--mount",
                f"--wd={folder or self.folder}", "--", *words]  # fmt: skip

    def run(self, *words: str) -> str:
        """Run a program to its end, which must be a good one; what it said."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def use_nameserver(self, ip: str) -> None:
        """What programs of this machine ask."""
        self._replace("/etc/resolv.conf", f"nameserver {ip}\n")

    @contextmanager
    def network(self) -> Iterator[None]:
        """Sockets that this thread opens meanwhile are the machine's."""
        own, its = Path("/proc/thread-self/ns/net"), Path(f"/proc/{self._holder.pid}/ns/net")
        with ExitStack() as open_files:
            before, inside = (open_files.enter_context(path.open("rb")) for path in (own, its))
            _enter(inside.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())

    def close(self) -> None:
        """The machine is no more, once its programs have ended."""
        self._holder.terminate()
        self._holder.communicate()

    @property
    def holder(self) -> int:
        """The process that the namespaces belong to."""
        return self._holder.pid

    def _is_separate(self) -> bool:
        other = f"/proc/{self._holder.pid}/ns/mnt"
        return os.readlink(other) != os.readlink("/proc/self/ns/mnt")

    def _replace(self, path: str, text: str) -> None:
        """Another file in the place of one of the system, on this machine alone."""
        own = self.folder / Path(path).name
        own.write_text(text)
        self.run("mount", "--bind", str(own), path)


@contextmanager
def wired(folder: Path, **ips: Sequence[str]) -> Iterator[list[Machine]]:
    """Machines with these addresses (with prefix lengths) on one wire. The first holds the wire."""
    with ExitStack() as running:
        machines = [Machine(name, folder) for name in ips]
        for machine in machines:
            running.callback(machine.close)
        first = machines[0]
        first.run("ip", "link", "add", BRIDGE, "type", "bridge")
        first.run("ip", "link", "set", BRIDGE, "up")
        for machine, addresses in zip(machines, ips.values(), strict=True):
            device = BRIDGE if machine is first else _plug(first, machine)
            for address in addresses:
                flags = ["nodad"] if ":" in address else []
                machine.run("ip", "addr", "add", address, "dev", device, *flags)
            machine.ips = tuple(address.partition("/")[0] for address in addresses)
            machine.run("ip", "route", "add", "default", "dev", device)
            machine.run("ip", "-6", "route", "add", "default", "dev", device)
        yield machines


def _plug(first: Machine, other: Machine) -> str:
    port = f"to-{other.name}"
    first.run("ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", str(other.holder))
    first.run("ip", "link", "set", port, "master", BRIDGE, "up")
    other.run("ip", "link", "set", "eth0", "up")
    return "eth0"


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
