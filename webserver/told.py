"""Asking the edge processes of this machine how they are doing (webserver.telling)."""

import socket
from pathlib import Path
from typing import Final

from mail.process.unixpath import short_path
from webserver.telling import PREFIX

_SECONDS: Final = 2.0
"""How long a process may take; one that is busier than that is left out."""


def ask_edges(folder: Path, question: str) -> list[bytes]:
    """What each process says to the question, a word and what it is about. For threads that may wait."""
    answers = (_ask(path, question) for path in sorted(folder.glob(f"{PREFIX}*")))
    return [answer for answer in answers if answer]


def _ask(path: Path, question: str) -> bytes:
    data = b""
    try:
        with socket.socket(socket.AF_UNIX) as connection, short_path(str(path)) as usable:
            connection.settimeout(_SECONDS)
            connection.connect(usable)
            connection.sendall(question.encode("ascii") + b"\n")
            while piece := connection.recv(65536):
                data += piece
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)  # of a process that was killed
    except OSError:
        return b""
    return data
