"""Handing what comes on an event loop to a thread, together."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from mail.process.quiet import Quiet

_QUIET_TURNS: Final = 40
_LONGEST_WAIT: Final = 0.005
"""Seconds."""

Submit = Callable[["Future[Any]"], object]
"""Hands something in, and with it the future that tells what came of it."""


class HandingIn:
    """What is to be written waits until the loop has nothing else to do: one commit has all of one moment.

    Each commit costs more than what it has of one write, and keeps all others of the database waiting. For
    one event loop only.
    """

    def __init__(self) -> None:
        self._wanted: list[tuple[Submit, Future[Any]]] = []
        self._quiet = Quiet(self._hand_in, turns=_QUIET_TURNS, seconds=_LONGEST_WAIT)
        self._closed = False

    def add(self, submit: Submit) -> "Future[Any]":
        """Call `submit` soon, on the loop; what it raises is the future's too."""
        future: Future[Any] = Future()
        self._wanted.append((submit, future))
        if self._closed:
            self._hand_in()
        else:
            self._quiet.want()
        return future

    def close(self) -> None:
        """The loop ends: hand in what waits, and from now on each at once."""
        self._closed = True
        self._quiet.call_now()

    def _hand_in(self) -> None:
        wanted, self._wanted = self._wanted, []
        for submit, future in wanted:
            try:
                submit(future)
            except Exception as error:
                future.set_exception(error)
