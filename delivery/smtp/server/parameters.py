"""The parameters after the address of MAIL and RCPT (RFC 5321 section 4.1.2)."""

import re
from dataclasses import dataclass

from delivery.smtp.server.future_release import FutureRelease, take_future_release
from mail.errors import MailError

_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u0080-\U0010ffff]+))?")
_SIZE = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True, slots=True)
class MailParameters:
    """What MAIL declares about the message. `size` is in bytes (RFC 1870), None when it is not told.

    `require_tls`: it must go on under TLS or not at all (RFC 8689). `release`: when it may go on (RFC 4865).
    """

    size: int | None = None
    eight_bit: bool = False
    smtputf8: bool = False
    require_tls: bool = False
    release: FutureRelease | None = None


_NOTHING_DECLARED = MailParameters()


def parse_parameters(text: str) -> dict[str, str | None]:
    """Keywords in upper case and their values, None without one. Raises MailError."""
    parameters: dict[str, str | None] = {}
    for word in text.split():
        match = _PARAMETER.fullmatch(word)
        if match is None:
            raise MailError(501, "5.5.4", "parameters not understood")
        keyword = match[1].upper()
        if keyword in parameters:
            raise MailError(501, "5.5.4", f"{keyword} is given twice")
        parameters[keyword] = match[2]
    return parameters


def mail_parameters(text: str, *, submission: bool) -> MailParameters:
    """The parameters of MAIL. Raises MailError. AUTH, HOLDFOR and HOLDUNTIL are for submission.

    AUTH names whom a relay trusts to have sent the message (RFC 4954 section 5). Nobody is trusted with
    that here, which the RFC treats like AUTH=<>: it is accepted and ignored.
    """
    if not text:
        return _NOTHING_DECLARED
    parameters = parse_parameters(text)
    size = _size(parameters)
    body = _body(parameters)
    smtputf8 = "SMTPUTF8" in parameters
    if parameters.pop("SMTPUTF8", None) is not None:
        raise MailError(501, "5.5.4", "SMTPUTF8 has no value")
    require_tls = "REQUIRETLS" in parameters
    if parameters.pop("REQUIRETLS", None) is not None:
        raise MailError(501, "5.5.4", "REQUIRETLS has no value")
    release = None
    if submission:
        release = take_future_release(parameters)
        if parameters.pop("AUTH", "<>") is None:
            raise MailError(501, "5.5.4", "AUTH needs a value")
    refuse_unknown(parameters)
    return MailParameters(size, body == "8BITMIME", smtputf8, require_tls, release)


def refuse_unknown(parameters: dict[str, str | None]) -> None:
    """Raises MailError when any are left."""
    for keyword in parameters:
        raise MailError(555, "5.5.4", f"parameter {keyword} is not supported")


def _body(parameters: dict[str, str | None]) -> str:
    """BINARYMIME is not offered: mail that is not made of lines could go on to hardly any server."""
    body = (parameters.pop("BODY", "7BIT") or "").upper()
    if body == "BINARYMIME":
        raise MailError(555, "5.6.1", "BODY=BINARYMIME is not supported")
    if body not in ("7BIT", "8BITMIME"):
        raise MailError(501, "5.5.4", "BODY is 7BIT or 8BITMIME")
    return body


def _size(parameters: dict[str, str | None]) -> int | None:
    if "SIZE" not in parameters:
        return None
    value = parameters.pop("SIZE")
    if value is None or not _SIZE.fullmatch(value):
        raise MailError(501, "5.5.4", "SIZE is a number of bytes")
    return int(value)
