"""Text as the words that are indexed and looked for: the same on every database. Pure."""

import re
import unicodedata
from typing import Final

LONGEST_WORD: Final = 64
"""Characters of a word that count; what is longer is no word that people type."""

_ASCII_WORD: Final = re.compile(r"[a-z0-9]+")
# Scripts that are written without spaces between words: each sign is a word, and a search for several of
# them looks for their sequence.
_UNSPACED: Final = (
    "\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
# Accents of Latin, Greek and Cyrillic letters, points of Hebrew and Arabic ones.
_MARKS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f]+")


def words_of(text: str) -> list[str]:
    """The words in their order: without case, accents and punctuation, and in their simplest form.

    “Zürich’s ＰＬＡＮ” gives zurich, s, plan. An address gives its parts, so that it is found as a phrase.
    """
    if text.isascii():
        found = _ASCII_WORD.findall(text.lower())
    else:
        folded = _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())
        found = _WORD.findall(unicodedata.normalize("NFC", folded))
    return [word[:LONGEST_WORD] for word in found]
