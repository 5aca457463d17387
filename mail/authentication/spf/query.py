"""pyspf's evaluation of a record, with look-ups and limits of our own. Pure."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import spf

Ask = Callable[[str, str], Sequence[Any]]
"""The records of a name and type, as pyspf has them; empty when there are none. Raises spf.TempError."""

LONGEST_RECORD: Final = 4096
"""Bytes of a record. RFC 7208 section 3.4 asks for less than 512; pyspf's patterns need quadratic time."""

LONGEST_TERM: Final = 512
"""Bytes of one term of a record, and of an explanation."""

_VOID_LOOKUPS: Final = 2
_RECORD: Final = re.compile(rb"v=spf1(?: |$)", re.IGNORECASE)


class Query(spf.query):  # type: ignore[misc]  # it has no types
    """One evaluation for one identity. Not for event loops: `ask` waits."""

    def __init__(self, ip: str, sender: str, helo: str, *, receiver: str, ask: Ask) -> None:
        super().__init__(i=ip, s=sender, h=helo, receiver=receiver, strict=True)
        if sender.count("@") > 1:  # pyspf ends a quoted localpart at the first one
            self.l, _, self.o = sender.rpartition("@")
            self.d = self.o
        self._ask = ask
        self._answers: dict[tuple[str, str], list[Any]] = {}

    def dns(self, name: Any, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        """Called by pyspf for each look-up. A CNAME is followed by whoever is asked."""
        key = (str(name).lower().removesuffix("."), qtype)
        if key in self._answers:
            return self._answers[key]
        found = list(self._ask(*key)) if _may_exist(key[0]) else []
        if qtype == "TXT":
            found = [_limited(strings) for strings in found]
        self._answers[key] = found
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > _VOID_LOOKUPS:
                raise spf.PermError(f"more than {_VOID_LOOKUPS} look-ups without a result")
        return found

    def validated_ptrs(self) -> list[str]:
        """Called by pyspf for the ptr mechanism and its macro: failures are passed over (section 5.5)."""
        try:
            names = list(self.dns_ptr(self.i))
        except spf.TempError:
            return []
        return [name for name in names[: spf.MAX_PTR] if self._leads_back(name)]

    def _leads_back(self, name: str) -> bool:
        try:
            return bool(self.cidrmatch(self.dns_a(name, self.A), self.cidrmax))
        except spf.TempError:
            return False


def _may_exist(name: str) -> bool:
    return bool(name) and all(0 < len(label) < 64 for label in name.split("."))


def _limited(strings: tuple[bytes, ...]) -> tuple[bytes, ...]:
    text = b"".join(strings)
    if _RECORD.match(text) is None:
        return (text[:LONGEST_TERM],)  # an explanation, or nothing that matters here
    if len(text) > LONGEST_RECORD or any(len(term) > LONGEST_TERM for term in text.split(b" ")):
        raise spf.PermError("the record is too long")
    return (text,)
