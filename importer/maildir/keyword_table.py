"""The file dovecot-keywords, which names the small letters of a Maildir folder."""

import re

from mail.mailformats.keywords import is_keyword

FILE_NAME = "dovecot-keywords"
LARGEST = 64 * 1024
"""Bytes of such a file that are read."""

_LINE = re.compile(r"(\d{1,2}) (\S.*?)\s*")


def parse_keyword_table(data: bytes) -> tuple[dict[str, str], list[str]]:
    """The keyword of each letter, and the lines that say nothing usable. The first line for a letter counts.

    Never raises.
    """
    letters: dict[str, str] = {}
    bad: list[str] = []
    for line in data.decode("utf-8", "replace").splitlines():
        found = _LINE.fullmatch(line)
        number = int(found[1]) if found else 26
        if found and number < 26 and is_keyword(found[2]) and chr(ord("a") + number) not in letters:
            letters[chr(ord("a") + number)] = found[2]
        elif line.strip():
            bad.append(line)
    return letters, bad
