"""Keeping a message that could not be sent, so that nothing is lost."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from delivery.dsn.lines import printable
from delivery.sendmail.letter import REMARK, Letter
from mail import clock

FOLDER = "moxsite-sendmail-failures"
"""In the home directory of the user who sends."""


def keep_letter(letter: Letter, remarks: Iterable[tuple[str, str]]) -> Path:
    """Write the message as it came to a new file that only its owner can read; the file's path.

    The `remarks` (name and text) stand before it as header fields, which are not sent when the file is.
    Raises OSError.
    """
    folder = Path.home() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    moment = clock.as_datetime(clock.now())
    path = folder / f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.eml"
    fields = (f"{REMARK}{name}: {printable(text, international=True)}\r\n" for name, text in remarks)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:
        file.write("".join(fields).encode("utf-8", "replace") + bytes(letter))
        file.flush()
        os.fsync(file.fileno())
    return path
