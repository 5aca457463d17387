"""Who gets the mail for an address, and who may send as it."""

from mail.directory.directory import Directory
from mail.directory.lookup import look_up, may_send_as
from mail.directory.results import (
    AccountDestination,
    AliasTargets,
    Disabled,
    NotHosted,
    Refused,
    Resolution,
    UnknownLocalpart,
)

__all__ = [
    "AccountDestination",
    "AliasTargets",
    "Directory",
    "Disabled",
    "NotHosted",
    "Refused",
    "Resolution",
    "UnknownLocalpart",
    "look_up",
    "may_send_as",
]
