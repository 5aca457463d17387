"""What can go wrong with a certificate authority, in words."""

from typing import Final

import josepy.errors
import requests
from acme import errors, messages

from mail import clock

_LONGEST: Final = 600
_RATE_LIMIT_WAIT: Final = 6 * clock.HOUR


class AcmeProblem(Exception):
    """A certificate was not obtained. The text says why, for the operator.

    `wait`: for how many microseconds the authority wants to hear nothing more of anybody here, 0: it is a
    matter of this name alone. `forgot_us`: it does not know our account.
    """

    def __init__(self, text: str, *, wait: int = 0, forgot_us: bool = False) -> None:
        super().__init__(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
        self.wait = wait
        self.forgot_us = forgot_us


FAILURES: Final = (
    errors.Error,
    messages.Error,
    josepy.errors.Error,
    requests.RequestException,
    ValueError,
    KeyError,
)
"""What the library raises."""


def described(error: Exception) -> AcmeProblem:
    """The failure in words."""
    match error:
        case errors.ValidationError():
            return AcmeProblem(_validation(error))
        case errors.IssuanceError():
            return _refusal(error.error)
        case messages.Error():
            return _refusal(error)
        case errors.TimeoutError():
            return AcmeProblem("The authority did not come to a decision in time.")
        case requests.RequestException():
            return AcmeProblem(f"The authority can't be reached: {error}", wait=10 * clock.MINUTE)
        case errors.ClientError() | errors.Error():
            return AcmeProblem(f"The authority's answer can't be used: {error}")
        case _:
            return AcmeProblem(f"Unexpected: {type(error).__name__}: {error}")


def _refusal(error: messages.Error) -> AcmeProblem:
    text = _sentence(error)
    if error.code == "rateLimited":
        return AcmeProblem(f"The authority has had enough for now: {text}", wait=_RATE_LIMIT_WAIT)
    return AcmeProblem(text, forgot_us=error.code == "accountDoesNotExist")


def _validation(error: errors.ValidationError) -> str:
    found = [
        _sentence(challenge.error)
        for authorization in error.failed_authzrs
        for challenge in authorization.body.challenges
        if challenge.error is not None
    ]
    return " ".join(found) or "The authority could not verify that the name is ours."


def _sentence(error: messages.Error) -> str:
    return str(error.detail or error.description or error.typ)
