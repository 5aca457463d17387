"""The refusal that a destination may be configured with, such as “550 no such user”. Pure."""

import re

from mail.errors import Reply

LONGEST = 256
"""Characters, the code included."""

_FORM = re.compile(r"(421|550)(?: ([ -~]+))?")
_DEFAULT_TEXTS = {"421": "not possible at the moment, try again later", "550": "no such user here"}


def smtp_error_problem(text: str, mailbox: str, default_mailbox: str) -> str:
    """What is wrong with the refusal of a destination whose mail goes to `mailbox`; "" when it is fine."""
    if not text:
        return ""
    if len(text) > LONGEST:
        return f"The refusal is longer than {LONGEST} characters."
    if not _FORM.fullmatch(text):
        return "Write 550 or 421, then a space and a text in plain ASCII, such as “550 no such user”."
    if mailbox != default_mailbox:
        return "Mail that is refused can't be put into a mailbox: leave one of the two out."
    return ""


def smtp_error_reply(text: str) -> Reply:
    """What a sender is told. A 421, which would end the session, is answered as 451 4.3.0.

    Raises ValueError for a text that `smtp_error_problem` has something against.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no refusal")
    words = match[2] or _DEFAULT_TEXTS[match[1]]
    return Reply(451, "4.3.0", words) if match[1] == "421" else Reply(550, "5.1.1", words)
