"""Writing messages as Maildir folders (Maildir++ as Dovecot and Courier lay it out)."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mailformats.modified_utf7 import encode_modified_utf7, encode_run

KEYWORD_LIMIT = 26
"""Keywords that a folder can name: one for each letter from a to z."""


def folder_name(mailbox: str) -> str:
    """The Maildir++ directory of a mailbox whose levels are separated by "/": ".Archive.2024", "" for Inbox.

    Names are in modified UTF-7, with dots shifted too, since the dot separates levels.
    """
    if mailbox.lower() == "inbox":
        return ""
    levels = mailbox.split("/")
    return "".join("." + encode_modified_utf7(level).replace(".", encode_run(".")) for level in levels)


class MaildirNames:
    """The names of messages in a Maildir, and the tables that say what letters stand for which keywords.

    `unnamed` holds, by mailbox, the keywords for which there was no letter left.
    """

    def __init__(self, host: str = "moxsite") -> None:
        self._host = host.replace("/", "_").replace(":", "_")
        self._sequence = 0
        self._keywords: dict[str, dict[str, str]] = {}
        self.unnamed: dict[str, set[str]] = {}

    def unique(self, received: clock.Moment) -> str:
        """A new name, as a message has it in tmp: its moment of arrival and a number."""
        self._sequence += 1
        seconds, microseconds = divmod(max(0, received), clock.SECOND)
        return f"{seconds}.M{microseconds}Q{self._sequence}.{self._host}"

    def final(self, unique: str, mailbox: str, size: int, flags: MessageFlags) -> str:
        """The name in cur."""
        return f"{unique},S={size}:2,{self._letters(mailbox, flags)}"

    def tables(self) -> Iterator[tuple[str, str]]:
        """For each mailbox that has keywords, the text of its dovecot-keywords file."""
        for mailbox, letters in self._keywords.items():
            yield mailbox, "".join(f"{number} {keyword}\n" for number, keyword in enumerate(letters))

    def _letters(self, mailbox: str, flags: MessageFlags) -> str:
        """The info letters in ASCII order: system flags, P for a forwarded message, then keywords."""
        forwarded = any(keyword.lower() in ("$forwarded", "forwarded") for keyword in flags.keywords)
        letters = [
            letter
            for letter, is_set in (
                ("D", flags.draft),
                ("F", flags.flagged),
                ("P", forwarded),
                ("R", flags.answered),
                ("S", flags.seen),
                ("T", flags.deleted),
            )
            if is_set
        ]
        known = self._keywords.setdefault(mailbox, {}) if flags.keywords else {}
        keyword_letters = []
        for keyword in sorted(flags.keywords):
            if keyword not in known and len(known) >= KEYWORD_LIMIT:
                self.unnamed.setdefault(mailbox, set()).add(keyword)
                continue
            keyword_letters.append(known.setdefault(keyword, chr(ord("a") + len(known))))
        return "".join(letters + sorted(keyword_letters))


class MaildirWriter:
    """Writes mailboxes below the directory `root`, which is the Inbox itself.

    Content is kept byte for byte. The received time is in the file's name and its modification time. Not
    for a Maildir that another program uses at the same time. `close` writes the keyword tables;
    `unnamed_keywords` then holds, by mailbox, the keywords for which there was no letter left.
    """

    def __init__(self, root: Path, host: str = "moxsite") -> None:
        self._root = root
        self._names = MaildirNames(host)
        self._mailboxes: set[str] = set()
        self.unnamed_keywords = self._names.unnamed

    def add_mailbox(self, mailbox: str) -> Path:
        """Create the directories of a mailbox, which may stay empty, and return its own one.

        Raises OSError, also for a name too long for the file system.
        """
        folder = self._root / folder_name(mailbox)
        if mailbox not in self._mailboxes:
            for part in ("tmp", "new", "cur"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            if folder != self._root:
                (folder / "maildirfolder").touch()
            self._mailboxes.add(mailbox)
        return folder

    def add_message(
        self, mailbox: str, content: Iterable[bytes], *, received: clock.Moment, flags: MessageFlags
    ) -> Path:
        """Write one message and return its file. Raises OSError."""
        folder = self.add_mailbox(mailbox)
        name = self._names.unique(received)
        temporary = folder / "tmp" / name
        with open(temporary, "xb") as file:
            size = sum(file.write(chunk) for chunk in content)
        seconds = max(0, received) // clock.SECOND
        os.utime(temporary, ns=(seconds * 10**9, seconds * 10**9))
        final = folder / "cur" / self._names.final(name, mailbox, size, flags)
        temporary.rename(final)
        return final

    def close(self) -> None:
        """Write the dovecot-keywords file of each mailbox that has keywords. Raises OSError."""
        for mailbox, table in self._names.tables():
            (self._root / folder_name(mailbox) / "dovecot-keywords").write_text(table, encoding="utf-8")
