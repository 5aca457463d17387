"""Who is at work in this process, or in this request."""

import contextvars
import getpass
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A login or a user of the machine, and the page or command that is used."""

    who: str
    via: str


_of_process = Actor("moxsite", "a program")
_of_request: contextvars.ContextVar[Actor | None] = contextvars.ContextVar("actor", default=None)


def current_actor() -> Actor:
    """Who is to be named for what is changed now."""
    return _of_request.get() or _of_process


def act_as_command(*words: str) -> None:
    """From now on this process acts for the user who called a management command. Only its name is kept."""
    global _of_process
    _of_process = Actor(_system_user(), " ".join(("manage.py", *words)))


def enter(actor: Actor) -> contextvars.Token[Actor | None]:
    """In this thread or task somebody else acts, until `leave`."""
    return _of_request.set(actor)


def leave(token: contextvars.Token[Actor | None]) -> None:
    """Undo `enter`."""
    _of_request.reset(token)


def _system_user() -> str:
    try:
        return f"{getpass.getuser()} (system user)"
    except (KeyError, OSError, ImportError):  # a container may have no name for its user
        return "unknown (system user)"
