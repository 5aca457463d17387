"""Suppression lists: addresses to which an account's mail is not sent any more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from mail import clock
from mail.addresses.address import Address
from mail.store.write import Transaction


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An entry of a list as an attempt meets it."""

    address: str
    reason: str
    since: clock.Moment


@dataclass(frozen=True, slots=True)
class NewSuppression:
    """An address that goes onto an account's list because of what its server answered."""

    account_id: int
    address: Address
    reason: str


LONGEST_ADDRESS = 400
"""Characters, as Suppression.address has them."""

Key = tuple[int, str, str]
"""Account, base localpart, domain."""


def base_localpart(localpart: str) -> str:
    """What all spellings of a localpart share: lower case, without dots, without what follows + or -.

    A step that would leave nothing is not made.
    """
    base = localpart.lower()
    for separator in "+-":
        base = base.partition(separator)[0] or base
    return base.replace(".", "") or base


def shown_address(address: Address) -> str:
    """The address as the list shows it. Only one that consists of quotes is longer than there is room for."""
    return str(address)[:LONGEST_ADDRESS]


def find_suppressed(wanted: Iterable[tuple[int, Address]]) -> dict[tuple[int, Address], Suppressed]:
    """The entries for these accounts and addresses, in one query. Reads the database."""
    keys: dict[Key, list[tuple[int, Address]]] = {}
    for account, address in wanted:
        keys.setdefault((account, base_localpart(address.localpart), address.domain), []).append(
            (account, address)
        )
    if not keys:
        return {}
    found = {}
    for account, localpart, domain, listed, reason, since in _entries(list(keys)):
        for asked in keys.get((account, localpart, domain), ()):
            found[asked] = Suppressed(listed, reason, since)
    return found


def _entries(keys: Sequence[Key]) -> list[tuple[int, str, str, str, str, int]]:
    accounts, localparts = {account for account, _, _ in keys}, {localpart for _, localpart, _ in keys}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, localpart, domain, address, reason, created FROM delivery_suppression "
            f"WHERE account_id IN ({', '.join(['%s'] * len(accounts))}) "
            f"AND localpart IN ({', '.join(['%s'] * len(localparts))})",
            [*sorted(accounts), *sorted(localparts)],
        )
        return list(cursor.fetchall())


def suppress(current: Transaction, entries: Iterable[NewSuppression]) -> None:
    """Put addresses onto the lists of accounts that still exist; what is there already stays as it is."""
    moment = clock.now()
    for entry in entries:
        current.run(
            "INSERT INTO delivery_suppression "
            "(account_id, localpart, domain, address, reason, automatic, created) "
            "SELECT id, %s, %s, %s, %s, %s, %s FROM mail_account WHERE id = %s "
            "ON CONFLICT (account_id, localpart, domain) DO NOTHING",
            [
                base_localpart(entry.address.localpart),
                entry.address.domain,
                shown_address(entry.address),
                entry.reason,
                True,
                moment,
                entry.account_id,
            ],
        )
