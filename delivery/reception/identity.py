"""Who has logged in."""

from dataclasses import dataclass

from mail.clock import Moment


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login and its account; by which of its passwords, and when."""

    username: str
    account_id: int
    account_name: str
    credential_id: int = 0
    since: Moment = 0
