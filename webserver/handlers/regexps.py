"""Regular expressions of the configuration: Python's, in which the common part of all dialects works."""

import re
import warnings
from typing import Final

LONGEST_REGEXP: Final = 1000
NOTHING: Final = re.compile("")


class WrongRegexp(ValueError):
    """The text is no regular expression that can be used. The message says why."""


def compile_regexp(text: str, *, anchored: bool = False) -> re.Pattern[str]:
    """The pattern. With `anchored` it must begin with ^. Raises WrongRegexp."""
    if len(text) > LONGEST_REGEXP:
        raise WrongRegexp(f"is longer than {LONGEST_REGEXP} characters")
    if not text.isprintable():
        raise WrongRegexp("must not contain control characters")
    if anchored and not text.startswith("^"):
        raise WrongRegexp("must begin with ^, since paths are matched from their start")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise WrongRegexp(f"is no regular expression: {error}") from None
