"""The log levels, from the least to the most talkative.

`trace` shows protocol lines with credentials masked; `traceauth` is the only level that shows them.
"""

import logging

TRACE = 5
TRACEAUTH = 3

LEVELS = {
    "error": logging.ERROR,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": TRACE,
    "traceauth": TRACEAUTH,
}

for _name, _number in LEVELS.items():
    logging.addLevelName(_number, _name)


def level_number(name: str) -> int:
    """The number of a level.

    Raises ValueError, naming what is allowed.
    """
    try:
        return LEVELS[name.lower()]
    except KeyError:
        allowed = ", ".join(LEVELS)
        raise ValueError(f"unknown log level {name!r}: use one of {allowed}") from None
