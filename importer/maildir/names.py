"""What the name of a message's file in a Maildir says (cr.yp.to/proto/maildir.html; Dovecot's letters)."""

import re
from functools import lru_cache

from mail import clock
from mail.mailformats.flags import MessageFlags

# Programs on file systems without ":" in names write another character; the last two stand for it where
# Windows or a Mac has packed the files.
_INFO = re.compile(r"[:;!_\uf03a\uf022]2,([A-Za-z]*)\Z")
_TIME = re.compile(r"(\d{1,12})\.(?:M(\d{1,6}))?")
_LATEST = 253_402_300_800


def info_letters(name: str) -> str:
    """The letters of the info part; "" without one."""
    found = _INFO.search(name)
    return found[1] if found else ""


def flags_of(letters: str, keywords: dict[str, str]) -> MessageFlags:
    """The flags that letters stand for. `keywords` names those of small letters; others are left out."""
    named = {keywords[letter] for letter in letters if letter in keywords}
    if "P" in letters and not any(keyword.lower() in ("$forwarded", "forwarded") for keyword in named):
        named.add("$Forwarded")
    return MessageFlags(
        seen="S" in letters,
        answered="R" in letters,
        flagged="F" in letters,
        draft="D" in letters,
        deleted="T" in letters,
        keywords=frozenset(named),
    )


@lru_cache(maxsize=256)
def system_flags(letters: str) -> MessageFlags:
    """The flags that capital letters stand for. Few combinations occur, each on many messages."""
    return flags_of(letters, {})


def received(name: str, modified: clock.Moment | None) -> clock.Moment | None:
    """When the message came: by its name and by the file's modification time, whichever is earlier.

    The name tells when a program stored the file, which for messages moved there is too late; the
    modification time is too late where files were copied. None when neither tells.
    """
    found = _TIME.match(name)
    seconds = int(found[1]) if found else 0
    named = seconds * clock.SECOND if 0 < seconds < _LATEST else None
    if named is not None and found and found[2]:
        named += int(found[2])
    if modified is None or not 0 < modified < _LATEST * clock.SECOND:
        return named
    if named is None:
        return modified
    return modified if modified // clock.SECOND < named // clock.SECOND else named
