"""Why an attempt did not deliver, as a sentence."""

from typing import Final

from delivery.models import Attempt

_WHAT_HAPPENED: Final = {
    "resolve": "Looking up {host} failed",
    "connect": "{host} could not be reached",
    "greeting": "{host} did not open a session",
    "ehlo": "{host} did not open a session",
    "starttls": "No encrypted connection to {host}",
    "tls": "No encrypted connection to {host}",
    "auth": "{host} refused the login",
    "mail": "{host} refused the sender",
    "rcpt": "{host} refused the recipient",
    "data": "{host} did not take the message",
    "end": "{host} did not take the message",
}


def cause_text(attempt: Attempt) -> str:
    """What happened and the reply: “relay.example refused the login: 535 5.7.8 wrong password”."""
    known = _WHAT_HAPPENED.get(attempt.stage)
    reply = reply_text(attempt)
    if attempt.outcome == Attempt.Outcome.RUNNING and not attempt.stage and not reply:
        return "The program stopped during the last attempt; the message may have been taken."
    if known is None:
        return f"{reply}." if reply else "The attempt ended without an answer."
    happened = known.format(host=attempt.host or "the other server")
    happened = happened[0].upper() + happened[1:] if not attempt.host else happened
    return f"{happened}: “{reply}”." if reply else f"{happened}."


def reply_text(attempt: Attempt) -> str:
    """The reply on one line, its code and enhanced status code first."""
    code = str(attempt.code) if attempt.code else ""
    return " ".join(part for part in (code, attempt.enhanced, *attempt.text.split()) if part)
