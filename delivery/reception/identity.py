"""Who has logged in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login and its account."""

    username: str
    account_id: int
    account_name: str
