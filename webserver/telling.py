"""Edge processes tell how they are doing, each on a unix socket in the data directory."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mail.process.listening import CannotListen, open_unix_socket

log = logging.getLogger(__name__)

PREFIX: Final = "edge."
"""Of the names of the sockets; the number of the process follows."""

_SECONDS: Final = 2.0
_LONGEST: Final = 1024

Answers = Mapping[str, Callable[[str], bytes]]
"""What there is to tell, by the word that asks for it. The rest of the question is given."""


class Telling:
    """The socket of this process. One line asks, such as “tunnels”; what is told follows, and the end."""

    def __init__(self, folder: Path, answers: Answers) -> None:
        self._path = folder / f"{PREFIX}{os.getpid()}"
        self._answers = answers
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Where that can't be, the web is served all the same, and admin pages know less of it."""
        try:
            listener = open_unix_socket(str(self._path))
        except CannotListen as error:
            log.warning("admin pages can't be told", extra={"fields": {"reason": str(error)}})
            return
        self._server = await asyncio.start_unix_server(self._tell, sock=listener, limit=_LONGEST)

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(_SECONDS):
                line = await reader.readline()
            word, _, rest = line.decode("ascii").strip().partition(" ")
            answer = self._answers.get(word)
            if answer is not None:
                writer.write(answer(rest))
        writer.close()
