"""Reading and writing whom accounts wrote to: a few statements for a whole batch of messages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from delivery.outgoing_limits.budget import (
    NEAR,
    UNLIMITED,
    WINDOW,
    AccountBudget,
    Budget,
    Limit,
    threshold,
)
from mail import clock
from mail.addresses.address import Address
from mail.store.write import Transaction

Rows: TypeAlias = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]
"""Runs a statement and fetches all of its rows."""

_ROWS_AT_ONCE: Final = 1000
_TABLES: Final = {
    Limit.MESSAGES: ("delivery_recentrecipient", "moment"),
    Limit.RECIPIENTS: ("delivery_knownrecipient", "first"),
}


def budgets(
    rows: Rows, asked: Mapping[int, Iterable[Address]], moment: clock.Moment
) -> dict[int, AccountBudget]:
    """The budgets of the accounts, by id, given the addresses that a batch has for each.

    The accounts are locked. Of each limited history at most limit + 1 rows are counted, of others none.
    Whether addresses are known is looked up only where the answer matters: before that all are taken for
    new, which is too many and still too few to get near the limit.
    """
    found = _limits(rows, sorted(asked))
    _count(rows, list(found.values()), moment - WINDOW)
    for account, budget in found.items():
        addresses = set(asked[account])
        recipients = budget.recipients
        if recipients.allowed == UNLIMITED:
            continue
        if recipients.used + len(addresses) >= threshold(recipients.allowed, NEAR):
            budget.known = _known(rows, account, sorted(addresses))
    return found


def record(
    current: Transaction, accepted: Iterable[tuple[int, Iterable[Address]]], moment: clock.Moment
) -> None:
    """Note the addresses that messages of accounts were accepted for."""
    rows = [
        (account, moment, address.localpart, address.domain)
        for account, addresses in accepted
        for address in dict.fromkeys(addresses)
    ]
    current.insert(
        "delivery_recentrecipient", "id, account_id, moment, localpart, domain", _numbered(current, rows)
    )
    people = dict.fromkeys((account, localpart, domain) for account, _, localpart, domain in rows)
    current.insert(
        "delivery_knownrecipient",
        "id, account_id, localpart, domain, first",
        _numbered(current, [(*person, moment) for person in people]),
        "ON CONFLICT (account_id, localpart, domain) DO NOTHING",
    )


def frees_at(
    rows: Rows, budget: AccountBudget, limit: Limit, needed: int, moment: clock.Moment
) -> clock.Moment | None:
    """When so many are allowed, if nothing else is sent; None when never, because the limit is lower."""
    one = budget.budget(limit)
    if needed > one.allowed:
        return None
    remaining = one.allowed - needed - one.taken
    if remaining < 0:  # it waits for what this very batch sends
        return moment + WINDOW
    return oldest_that_must_go(rows, budget.account_id, limit, remaining, moment)


def oldest_that_must_go(
    rows: Rows, account: int, limit: Limit, remaining: int, moment: clock.Moment
) -> clock.Moment:
    """When no more than `remaining` of what counts at `moment` will count any longer."""
    table, column = _TABLES[limit]
    found = rows(
        f"SELECT {column} FROM {table} WHERE account_id = %s AND {column} > %s "
        f"ORDER BY {column} DESC LIMIT 1 OFFSET %s",
        [account, moment - WINDOW, remaining],
    )
    return int(found[0][0]) + WINDOW if found else moment


def _limits(rows: Rows, accounts: Sequence[int]) -> dict[int, AccountBudget]:
    places = ", ".join(["%s"] * len(accounts))
    found = rows(
        "SELECT id, name, max_outgoing_messages_per_day, max_first_time_recipients_per_day "
        f"FROM mail_account WHERE id IN ({places})",
        accounts,
    )
    return {
        account: AccountBudget(account, name, Budget(messages), Budget(recipients))
        for account, name, messages, recipients in found
    }


def _count(rows: Rows, found: Sequence[AccountBudget], after: clock.Moment) -> None:
    """Fill in what is used, with one statement for all accounts and limits."""
    limited = [
        (budget, limit) for budget in found for limit in Limit if budget.budget(limit).allowed != UNLIMITED
    ]
    if not limited:
        return
    selects, parameters = [], []
    for number, (budget, limit) in enumerate(limited):
        table, column = _TABLES[limit]
        selects.append(
            f"SELECT {number}, count(*) FROM "
            f"(SELECT 1 FROM {table} WHERE account_id = %s AND {column} > %s LIMIT %s) AS counted"
        )
        parameters += [budget.account_id, after, budget.budget(limit).allowed + 1]
    for number, count in rows(" UNION ALL ".join(selects), parameters):
        budget, limit = limited[number]
        budget.budget(limit).used = int(count)


def _known(rows: Rows, account: int, addresses: Sequence[Address]) -> set[Address]:
    known = set()
    for start in range(0, len(addresses), _ROWS_AT_ONCE):
        asked = addresses[start : start + _ROWS_AT_ONCE]
        values = ", ".join(["(%s, %s)"] * len(asked))
        found = rows(
            f"WITH asked (localpart, domain) AS (VALUES {values}) "
            "SELECT k.localpart, k.domain FROM asked a JOIN delivery_knownrecipient k "
            "ON k.account_id = %s AND k.localpart = a.localpart AND k.domain = a.domain",
            [*(part for address in asked for part in (address.localpart, address.domain)), account],
        )
        known |= {Address(localpart, domain) for localpart, domain in found}
    return known


def _numbered(current: Transaction, rows: Sequence[tuple[int | str, ...]]) -> list[tuple[int | str, ...]]:
    return [(id_, *row) for id_, row in zip(current.ids(len(rows)), rows, strict=True)]
