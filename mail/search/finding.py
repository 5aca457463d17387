"""Running a query over an account's messages."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from mail.models import Account, Flag, Mailbox, SpecialUse
from mail.search.keys import HIGHEST_KEY, KEY_OF_MESSAGE, MESSAGE_OF_KEY, first_key
from mail.search.matching import fts5, tsquery
from mail.search.query import ANYWHERE, Query, State
from mail.store.selected import places

_STATES: Final = {
    State.UNREAD: (Flag.SEEN, False),
    State.READ: (Flag.SEEN, True),
    State.STARRED: (Flag.FLAGGED, True),
    State.UNSTARRED: (Flag.FLAGGED, False),
    State.ANSWERED: (Flag.ANSWERED, True),
    State.UNANSWERED: (Flag.ANSWERED, False),
    State.DRAFT: (Flag.DRAFT, True),
}
HIDDEN: Final = (SpecialUse.JUNK.value, SpecialUse.TRASH.value)
"""Mailboxes that are only searched when the query names them."""


@dataclass(slots=True)
class Conditions:
    """SQL conditions joined by AND, and their parameters."""

    texts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def add(self, text: str, *values: Any) -> None:
        """One more."""
        self.texts.append(text)
        self.values += values

    @property
    def sql(self) -> str:
        """All of them."""
        return " AND ".join(self.texts) or "TRUE"


class Search:
    """A query bound to an account. `problems` are sentences for whoever typed it."""

    def __init__(self, account: Account, query: Query) -> None:
        self.query = query
        self.problems = list(query.problems)
        self._account = account.pk
        self.mailboxes = self._chosen_mailboxes(account)

    def newest(self, count: int, before: int = HIGHEST_KEY) -> list[int]:
        """Up to `count` keys of results below `before`, the newest first."""
        return self._keys(f"ORDER BY {{key}} DESC LIMIT {count}", "{key} < %s", before)

    def oldest(self, count: int, after: int = -1) -> list[int]:
        """Up to `count` keys of results above `after`, the oldest first."""
        return self._keys(f"ORDER BY {{key}} LIMIT {count}", "{key} > %s", after)

    def everything(self) -> list[tuple[int, int]]:
        """All results as (mailbox id, uid)."""
        sql, values = self._select("m.mailbox_id, m.uid", "ORDER BY m.mailbox_id, m.uid", Conditions())
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return list(cursor.fetchall())

    def _keys(self, order: str, bound: str, value: int) -> list[int]:
        key = "mail_search.rowid" if connection.vendor == "sqlite" else "e.id"
        conditions = Conditions()
        conditions.add(bound.format(key=key), value)
        sql, values = self._select(key, order.format(key=key), conditions)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [row[0] for row in cursor.fetchall()]

    def _select(self, columns: str, order: str, conditions: Conditions) -> tuple[str, list[Any]]:
        """The index is walked in the order of keys, and the message of each looked at: CROSS JOIN on SQLite
        keeps it from doing that the other way round."""
        query = self.query
        if connection.vendor == "sqlite":
            key = "mail_search.rowid"
            source = f"mail_search CROSS JOIN mail_message m ON m.id = {MESSAGE_OF_KEY.format(key)}"
            conditions.add("mail_search MATCH %s", fts5(self._account, query))
        else:
            key = "e.id"
            source = f"mail_searchentry e JOIN mail_message m ON m.id = {MESSAGE_OF_KEY.format(key)}"
            if State.STARRED in query.states:  # few are, and they have an index: it may begin with them
                conditions.add(f"e.id = {KEY_OF_MESSAGE.format('m')}")
            conditions.add("e.account_id = %s", self._account)
            if text := tsquery(query):
                conditions.add("e.tokens @@ %s::tsquery", text)
        if query.since is not None:
            conditions.add(f"{key} >= %s", first_key(query.since))
        if query.before is not None:
            conditions.add(f"{key} < %s", first_key(query.before))
        self._add_message_conditions(conditions)
        return f"SELECT {columns} FROM {source} WHERE {conditions.sql} {order}", conditions.values

    def _add_message_conditions(self, conditions: Conditions) -> None:
        query = self.query
        if self.mailboxes:
            conditions.add(f"m.mailbox_id IN ({places(len(self.mailboxes))})", *self.mailboxes)
        else:
            conditions.add("1 = 0")
        for state in query.states:
            flag, wanted = _STATES[state]
            conditions.add(f"m.flags & {int(flag)} {'<>' if wanted else '='} 0")
        if query.larger is not None:
            conditions.add("m.size > %s", query.larger)
        if query.smaller is not None:
            conditions.add("m.size < %s", query.smaller)
        for keyword in query.keywords:
            conditions.add(f"{_KEYWORDS} LIKE %s ESCAPE '!'", _like(keyword))
        for keyword in query.without_keywords:
            conditions.add(f"{_KEYWORDS} NOT LIKE %s ESCAPE '!'", _like(keyword))

    def _chosen_mailboxes(self, account: Account) -> list[int]:
        found = list(account.mailboxes.all())
        query = self.query
        anywhere = any(name.lower() == ANYWHERE for name in query.mailboxes)
        wanted = [name for name in query.mailboxes if name.lower() != ANYWHERE]
        chosen = {box.id for box in found if anywhere or box.special_use not in HIDDEN}
        if wanted:
            chosen = {box.id for name in wanted for box in self._named(found, name)}
        excluded = {box.id for name in query.without_mailboxes for box in self._named(found, name)}
        return sorted(chosen - excluded)

    def _named(self, found: Iterable[Mailbox], name: str) -> list[Mailbox]:
        """The mailboxes with this name, also in other case, by its last level, or by what they are for."""
        wanted = name.casefold()
        exact = [box for box in found if box.name.casefold() == wanted]
        named = exact or [
            box for box in found if wanted in (box.special_use, box.name.rpartition("/")[2].casefold())
        ]
        if not named:
            self.problems.append(f"There is no mailbox “{name}”.")
        return named


_KEYWORDS: Final = "lower(CAST(m.keywords AS text))"


def _like(keyword: str) -> str:
    quoted = json.dumps(keyword.lower())
    for sign in "!%_":
        quoted = quoted.replace(sign, f"!{sign}")
    return f"%{quoted}%"
