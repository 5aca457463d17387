"""Where log lines go: standard error, in the form that MOXSITE_LOG_FORMAT says."""

import logging
import sys
import threading
from types import TracebackType
from typing import TextIO

from moxsite.env import Environment
from moxsite.logs.formatters import JsonFormatter, LogfmtFormatter

log = logging.getLogger(__name__)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes each record as one line, at once: standard error needs no flush behind a line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record; what is wrong with one is reported and stops nobody."""
        try:
            self.stream.write(self.format(record) + "\n")
            if not getattr(self.stream, "line_buffering", False):
                self.stream.flush()
        except Exception:
            self.handleError(record)


def read_log_format(environment: Environment) -> str:
    """logfmt or json."""
    return environment.choice(
        "MOXSITE_LOG_FORMAT", "logfmt", ("logfmt", "json"), meaning="Form of the log lines on standard error."
    )


def start_logging(log_format: str | None = None) -> None:
    """Send all records of this process to standard error; `log_format` None means as the environment says.

    Works for Django, Celery, kombu, daphne, Twisted (once daphne runs), asyncio and Python's warnings: they
    all end at the root logger. Calling it again replaces what the first call did. Raises WrongValue.
    """
    if log_format is None:
        log_format = read_log_format(Environment())
    handler = LineHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else LogfmtFormatter())
    handler.set_name("moxsite")
    root = logging.getLogger()
    for earlier in [other for other in root.handlers if other.get_name() == "moxsite"]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    logging.captureWarnings(True)
    # No line says which thread, process or line of code wrote it: records need not find out.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # documented in "Optimization" of Python's logging HOWTO


def log_uncaught_exceptions() -> None:
    """Put exceptions that end a program or a thread on one log line too. For programs that run for long."""
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log.critical("uncaught exception", exc_info=(kind, error, trace))


def _log_thread(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread else "unknown"
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        log.critical(
            "uncaught exception in a thread",
            exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
            extra={"fields": {"thread": name}},
        )
