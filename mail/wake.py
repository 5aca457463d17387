"""Waking other processes of this machine: datagrams to unix sockets in the data directory.

A wake-up says only "look again"; whoever waits looks by itself after a second too, so a lost one costs
little.
"""

import os
import select
import socket
from pathlib import Path

from mail.process.unixpath import short_path


class WakeListener:
    """A place where wake-ups about one topic arrive. For one thread."""

    def __init__(self, folder: Path, topic: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{topic}.{os.getpid()}.{id(self):x}.wake"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._path.unlink(missing_ok=True)
        with short_path(str(self._path)) as usable:
            self._socket.bind(usable)
        self._own, self._other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._own.setblocking(False)
        self._other.setblocking(False)

    def wait(self, seconds: float) -> bool:
        """Wait for a wake-up, at most `seconds`. Several that came together count once."""
        ready, _, _ = select.select([self._socket, self._own], [], [], max(0.0, seconds))
        for source in ready:
            _drain(source)
        return bool(ready)

    def poke(self) -> None:
        """Wake it from another thread of this process."""
        try:
            self._other.send(b"!")
        except BlockingIOError:
            pass  # it has enough wake-ups waiting

    def close(self) -> None:
        """Stop listening and remove the socket."""
        self._path.unlink(missing_ok=True)
        for each in (self._socket, self._own, self._other):
            each.close()


def poke(folder: Path, topic: str) -> None:
    """Wake every process that waits for `topic`. Never blocks; sockets of dead processes are removed."""
    try:
        names = [
            name for name in os.listdir(folder) if name.startswith(f"{topic}.") and name.endswith(".wake")
        ]
    except FileNotFoundError:
        return
    if not names:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for name in names:
            try:
                with short_path(str(folder / name)) as usable:
                    sender.sendto(b"!", usable)
            except ConnectionRefusedError:
                (folder / name).unlink(missing_ok=True)
            except OSError:
                continue  # its queue is full, or it has just gone


def _drain(source: socket.socket) -> None:
    try:
        while source.recv(16):
            pass
    except BlockingIOError:
        pass
