"""The search language: `from:bob numbers before:2026-01-01 has:attachment is:unread in:Archive`. Pure.

Every text means something; what can't be understood is left out and said as a problem.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from mail import clock
from mail.search.words import words_of


class Place(Enum):
    """Where in a message a word is looked for."""

    ANYWHERE = "anywhere"
    SUBJECT = "subject"
    SENDER = "sender"
    RECIPIENTS = "recipients"
    BODY = "body"


class State(Enum):
    """What can be asked with is:"""

    UNREAD = "unread"
    READ = "read"
    STARRED = "starred"
    UNSTARRED = "unstarred"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Term:
    """Words in their sequence that a message must have, or must not. `open_end`: the last one may go on."""

    words: tuple[str, ...]
    place: Place = Place.ANYWHERE
    negated: bool = False
    open_end: bool = False


@dataclass(slots=True)
class Query:
    """What is looked for. Moments are of arrival: from `since` on and before `before`."""

    terms: list[Term] = field(default_factory=list)
    since: clock.Moment | None = None
    before: clock.Moment | None = None
    mailboxes: list[str] = field(default_factory=list)
    without_mailboxes: list[str] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    attachment: bool | None = None
    keywords: list[str] = field(default_factory=list)
    without_keywords: list[str] = field(default_factory=list)
    larger: int | None = None
    smaller: int | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return self == Query(problems=self.problems)


ANYWHERE: Final = "anywhere"
"""in:anywhere: Junk and Trash too."""

LONGEST: Final = 1000
"""Characters of a query that are read."""

MOST_TERMS: Final = 40

SHORTEST_BEGINNING: Final = 3
"""From so many characters on, a word finds longer ones: number finds numbers. Quotes prevent it."""

_PLACES: Final = {
    "from": Place.SENDER,
    "to": Place.RECIPIENTS,
    "cc": Place.RECIPIENTS,
    "bcc": Place.RECIPIENTS,
    "subject": Place.SUBJECT,
    "body": Place.BODY,
    "text": Place.BODY,
}
_OPPOSITE: Final = {
    State.UNREAD: State.READ,
    State.READ: State.UNREAD,
    State.STARRED: State.UNSTARRED,
    State.UNSTARRED: State.STARRED,
    State.ANSWERED: State.UNANSWERED,
    State.UNANSWERED: State.ANSWERED,
}
_STATE_WORDS: Final = {
    **{state.value: state for state in State},
    "seen": State.READ,
    "unseen": State.UNREAD,
    "new": State.UNREAD,
    "flagged": State.STARRED,
    "unflagged": State.UNSTARRED,
    "replied": State.ANSWERED,
}
_DATE: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_SIZE: Final = re.compile(r"(\d{1,12})\s*([kmg]?)b?", re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}


def parse_query(text: str) -> Query:
    """Read what somebody typed. Never raises."""
    query = Query()
    for found in _PIECE.finditer(text[:LONGEST]):
        negated, name, quoted, plain = found[1] == "-", (found[2] or "").lower(), found[3], found[4]
        value = plain if quoted is None else quoted
        read = _FILTERS.get(name)
        if read is not None and value:
            problem = read(query, value, negated)
            if problem:
                query.problems.append(problem)
        elif not _BARE_NAME.fullmatch(value):
            _add_term(query, _PLACES.get(name, Place.ANYWHERE), value, negated, quoted is None)
    return query


def _add_term(query: Query, place: Place, value: str, negated: bool, unquoted: bool) -> None:
    words = tuple(words_of(value))
    if not words:
        return
    if len(query.terms) >= MOST_TERMS:
        problem = f"Only the first {MOST_TERMS} words were looked for."
        if problem not in query.problems:
            query.problems.append(problem)
        return
    open_end = unquoted and (len(words[-1]) >= SHORTEST_BEGINNING or value.endswith("*"))
    query.terms.append(Term(words, place, negated, open_end))


def _before(query: Query, value: str, negated: bool) -> str:
    day = _first_day(value)
    if day is None:
        return _date_problem("before", value)
    if negated:
        return _since(query, value, negated=False)
    query.before = min(day, query.before) if query.before is not None else day
    return ""


def _since(query: Query, value: str, negated: bool) -> str:
    day = _first_day(value)
    if day is None:
        return _date_problem("after", value)
    if negated:
        return _before(query, value, negated=False)
    query.since = max(day, query.since) if query.since is not None else day
    return ""


def _on(query: Query, value: str, negated: bool) -> str:
    first, behind = _first_day(value), _day_behind(value)
    if first is None or behind is None or negated:
        return _date_problem("on", value)
    query.since = max(first, query.since) if query.since is not None else first
    query.before = min(behind, query.before) if query.before is not None else behind
    return ""


def _in(query: Query, value: str, negated: bool) -> str:
    (query.without_mailboxes if negated else query.mailboxes).append(value)
    return ""


def _is(query: Query, value: str, negated: bool) -> str:
    state = _STATE_WORDS.get(value.lower())
    if state is not None and negated:
        state = _OPPOSITE.get(state)
    if state is None:
        return f"“is:{value}” means nothing here; there are {', '.join(state.value for state in State)}."
    query.states.append(state)
    return ""


def _has(query: Query, value: str, negated: bool) -> str:
    if value.lower() not in ("attachment", "attachments"):
        return f"“has:{value}” means nothing here; there is has:attachment."
    query.attachment = not negated
    return ""


def _tag(query: Query, value: str, negated: bool) -> str:
    (query.without_keywords if negated else query.keywords).append(value)
    return ""


def _larger(query: Query, value: str, negated: bool) -> str:
    size = _size(value)
    if size is None:
        return f"“larger:{value}” needs a size, such as larger:2MB."
    if negated:
        return _smaller(query, value, negated=False)
    query.larger = size
    return ""


def _smaller(query: Query, value: str, negated: bool) -> str:
    size = _size(value)
    if size is None:
        return f"“smaller:{value}” needs a size, such as smaller:500kB."
    if negated:
        return _larger(query, value, negated=False)
    query.smaller = size
    return ""


_FILTERS: Final[dict[str, Callable[[Query, str, bool], str]]] = {
    "before": _before,
    "until": _before,
    "after": _since,
    "since": _since,
    "on": _on,
    "date": _on,
    "in": _in,
    "is": _is,
    "has": _has,
    "tag": _tag,
    "keyword": _tag,
    "label": _tag,
    "larger": _larger,
    "smaller": _smaller,
}

_NAMES: Final = "|".join([*_PLACES, *_FILTERS])
_PIECE: Final = re.compile(rf'(-?)(?:({_NAMES}):\s*)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
_BARE_NAME: Final = re.compile(rf"(?:{_NAMES}):", re.IGNORECASE)


def _date_problem(name: str, value: str) -> str:
    return f"“{name}:{value}” needs a date, such as {name}:2026-01-31, {name}:2026-01 or {name}:2026."


def _size(value: str) -> int | None:
    found = _SIZE.fullmatch(value)
    return int(found[1]) * _UNITS[found[2].lower()] if found else None


def _first_day(value: str) -> clock.Moment | None:
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    return _midnight(int(found[1]), int(found[2] or 1), int(found[3] or 1))


def _day_behind(value: str) -> clock.Moment | None:
    """The day after the day, month or year."""
    found = _DATE.fullmatch(value)
    first = _first_day(value)
    if found is None or first is None:
        return None
    if found[3]:
        return first + clock.DAY
    year, month = int(found[1]), int(found[2]) + 1 if found[2] else 13
    return _midnight(year + month // 13, 1 if month == 13 else month, 1)


def _midnight(year: int, month: int, day: int) -> clock.Moment | None:
    try:
        return clock.from_datetime(datetime.datetime(year, month, day, tzinfo=datetime.UTC))
    except (ValueError, OverflowError):
        return None
