"""Protocol lines in the log: at level trace, with credentials masked; at level traceauth, in full."""

import logging

from mail.log.levels import TRACE, TRACEAUTH

log = logging.getLogger(__name__)


def trace_command(line: bytes, *, known: bool) -> None:
    """A line that arrived as a command. What is no known command may be a secret in the wrong place."""
    if log.isEnabledFor(TRACE):
        _trace("received", line if log.isEnabledFor(TRACEAUTH) else _mask(line, known))


def trace_response(line: bytes) -> None:
    """A client's line within AUTH."""
    if log.isEnabledFor(TRACE):
        _trace("received", line if log.isEnabledFor(TRACEAUTH) else b"***")


def trace_challenge(line: bytes) -> None:
    """A challenge of the server within AUTH: with the client's answer it helps to guess the password."""
    if log.isEnabledFor(TRACE):
        _trace("sent", line if log.isEnabledFor(TRACEAUTH) else b"334 ***")


def trace_reply(answer: bytes) -> None:
    """What the server answers."""
    if log.isEnabledFor(TRACE):
        _trace("sent", answer.rstrip(b"\r\n"))


def _trace(message: str, line: bytes) -> None:
    log.log(TRACE, message, extra={"fields": {"line": line.decode("utf-8", "backslashreplace")}})


def _mask(line: bytes, known: bool) -> bytes:
    """AUTH without its initial response, other known commands as they are."""
    if not known:
        return b"***"
    words = line.split(None, 2)
    if words[0].upper() == b"AUTH" and len(words) > 2:
        return b" ".join(words[:2]) + b" ***"
    return line
