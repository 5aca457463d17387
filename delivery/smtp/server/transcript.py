"""Protocol lines in the log: at level trace, with credentials masked; at level traceauth, in full."""

import logging

from mail.log.levels import TRACE, TRACEAUTH

log = logging.getLogger(__name__)


def trace_command(line: bytes) -> None:
    """A command line that arrived."""
    if log.isEnabledFor(TRACE):
        _trace("received", line if log.isEnabledFor(TRACEAUTH) else _mask(line))


def trace_response(line: bytes) -> None:
    """A client's line within AUTH."""
    if log.isEnabledFor(TRACE):
        _trace("received", line if log.isEnabledFor(TRACEAUTH) else b"***")


def trace_reply(answer: bytes) -> None:
    """What the server answers."""
    if log.isEnabledFor(TRACE):
        _trace("sent", answer.rstrip(b"\r\n"))


def _trace(message: str, line: bytes) -> None:
    log.log(TRACE, message, extra={"fields": {"line": line.decode("utf-8", "backslashreplace")}})


def _mask(line: bytes) -> bytes:
    """AUTH without its initial response. A mangled one is masked as well."""
    words = line.split(None, 2)
    if len(words) > 1 and words[0].upper().startswith(b"AUTH"):
        return b" ".join(words[:2]) + b" ***" if len(words) > 2 else line
    return line
