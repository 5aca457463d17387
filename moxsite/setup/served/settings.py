"""The settings that a mail program needs. Pure."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """For one address of `domain`, or for any when `address` is empty. Mail is sent through `host`."""

    domain: str
    host: str
    address: str = ""
    full_name: str = ""


SUBMISSIONS_PORT: Final = 465
SUBMISSION_PORT: Final = 587
