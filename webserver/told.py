"""Asking the edge processes of this machine how they are doing (webserver.telling)."""

import socket
from pathlib import Path
from typing import Final

from mail.process.unixpath import short_path
from webserver.telling import PREFIX

_SECONDS: Final = 2.0
"""How long a process may take; of one that is busier than that nothing is known."""


def ask_edges(folder: Path, question: str) -> list[bytes]:
    """What each process says to the question, a word and what it is about. For threads that may wait."""
    return [answer for answer in ask_each(folder, question).values() if answer]


def ask_each(folder: Path, question: str) -> dict[int, bytes]:
    """The same by the number of the process, with those that run and say nothing."""
    answers: dict[int, bytes] = {}
    for path in sorted(folder.glob(f"{PREFIX}*")):
        answer = _ask(path, question)
        if answer is not None:
            answers[int(path.suffix[1:])] = answer
    return answers


def _ask(path: Path, question: str) -> bytes | None:
    """The answer; None where no process is."""
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
        return None
    except FileNotFoundError:
        return None
    except OSError:
        return b""
    return data
