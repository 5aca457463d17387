"""One short id per session, shown to the peer and put on every log line of that session."""

import contextvars
import secrets

_ALPHABET = "0123456789bcdfghjkmnpqrstvwxyz"
_LENGTH = 10
_IDS = len(_ALPHABET) ** _LENGTH
_session: contextvars.ContextVar[str] = contextvars.ContextVar("session", default="")


def new_session_id() -> str:
    """Ten characters without look-alikes or vowels: readable over the telephone, unique enough for a log."""
    number = secrets.randbelow(_IDS)
    letters = []
    for _ in range(_LENGTH):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


def current_session() -> str:
    """The id of the session this code runs for, or the empty string."""
    return _session.get()


def enter_session(session_id: str) -> contextvars.Token[str]:
    """Put `session_id` on the log lines of this task or thread from now on."""
    return _session.set(session_id)
