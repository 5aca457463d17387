"""Stands in for manage.py under the supervisor: a role that behaves as its first argument says."""

import os
import signal
import sys
import threading

from mail.process.inherited import take_inherited_sockets
from mail.process.lifeline import follow_parent, report_ready


def say(line: str) -> None:
    """In one write, so that lines of several children don't mix."""
    os.write(1, f"{line}\n".encode())


def main() -> None:
    """Play the role: obey, be stubborn, tell of SIGHUP, or die at once."""
    behaviour, name = sys.argv[-2:]
    stop = threading.Event()
    if behaviour == "dies":
        sys.exit(3)
    follow_parent()
    signal.signal(signal.SIGTERM, lambda *_: None if behaviour == "stubborn" else stop.set())
    signal.signal(signal.SIGHUP, lambda *_: say(f"{name} reloads"))
    sockets = take_inherited_sockets() or {}
    ports = [listener.getsockname()[1] for group in sockets.values() for listener in group]
    say(f"{name} runs as process {os.getpid()} with ports {ports}")
    report_ready()
    while not stop.wait(0.05):
        pass
    say(f"{name} ends")


main()
