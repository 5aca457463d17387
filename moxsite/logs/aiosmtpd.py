"""aiosmtpd logs under the name “mail.log”, which is the name of our own package.

Its records get the name “aiosmtpd” and its level. They are also moved down: it tells every command at
info, and at debug it shows what clients answer to a login challenge, which only traceauth may.
"""

import logging

from mail.log.levels import TRACEAUTH

NAME = "aiosmtpd"
_source = logging.getLogger("mail.log")
_MOVED = {logging.INFO: logging.DEBUG, logging.DEBUG: TRACEAUTH}


class _Renamed(logging.Filter):
    """Applies to records of this very logger, not to those of loggers below it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.name = NAME
        record.levelno = _MOVED.get(record.levelno, record.levelno)
        record.levelname = logging.getLevelName(record.levelno)
        return logging.getLogger(NAME).isEnabledFor(record.levelno)


_renamed = _Renamed()


def follow_aiosmtpd_level() -> None:
    """To be called when levels have changed: spares making records that the filter drops."""
    _source.addFilter(_renamed)
    level = logging.getLogger(NAME).getEffectiveLevel()
    lowest = min((number for number, moved in _MOVED.items() if moved >= level), default=logging.WARNING)
    _source.setLevel(max(lowest, level))
