"""What ties a role to the supervisor that started it.

MOXSITE_READY_FD is a pipe into which the role reports that it serves. MOXSITE_PARENT_FD is one that the
supervisor holds open: its end is the supervisor's end, however that came about.
"""

import ctypes
import logging
import os
import signal
import sys
import threading

log = logging.getLogger(__name__)

READY_VARIABLE = "MOXSITE_READY_FD"
PARENT_VARIABLE = "MOXSITE_PARENT_FD"
READY = b"ready\n"
GRACE_SECONDS = 10.0
"""How long a process may take to stop after its supervisor died."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def report_ready() -> None:
    """Tell the supervisor that this process serves. Does nothing when started alone or called again."""
    descriptor = _taken(READY_VARIABLE)
    if descriptor is None:
        return
    try:
        os.write(descriptor, READY)
    except BrokenPipeError:
        pass  # the supervisor has just died, which follow_parent notices
    finally:
        os.close(descriptor)


def follow_parent() -> None:
    """Stop this process, cleanly if it can, when the supervisor that started it is gone.

    To be called by the main thread as early as possible. Does nothing when there is no supervisor.
    """
    descriptor = _taken(PARENT_VARIABLE)
    if descriptor is None:
        return
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until the role knows what to reload
    if sys.platform == "linux":
        # The kernel's signal also reaches a process that is too busy to run the thread.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    threading.Thread(target=_watch, args=(descriptor,), name="lifeline", daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 64):
        pass
    log.warning("the supervisor is gone, stopping")
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)


def _taken(variable: str) -> int | None:
    value = os.environ.pop(variable, "")
    return int(value) if value.isascii() and value.isdigit() else None
