"""Whether accounts have room for more mail, as it was some seconds ago."""

import asyncio
from collections.abc import Iterable

from mail.configuration.sections import Quotas
from mail.configuration.snapshots import Snapshots
from mail.directory.recent import RecentAnswers
from mail.models import AccountCounters
from mail.store import readers

ROOM_HOLDS = 10.0
"""Seconds that an answer holds. The commit of a message knows better in any case."""


class Room:
    """For one event loop. Accounts without quota cost no look-up."""

    def __init__(self, snapshots: Snapshots, *, size: int, seconds: float = ROOM_HOLDS) -> None:
        self._snapshots = snapshots
        self._used: RecentAnswers[int, int] = RecentAnswers(seconds, size)

    async def is_there(self, accounts: Iterable[int], size: int) -> bool:
        """Whether each of the accounts can take a message of `size` bytes, 0 if that is not known."""
        snapshot = self._snapshots.current()
        quotas = snapshot.section(Quotas).by_account
        for account in accounts:
            quota = quotas.get(account)
            if quota is None:
                continue
            used = self._used.get(account, snapshot.generation)
            if used is None:
                used = await asyncio.wrap_future(readers.run(_used, account))
                self._used.put(account, used, snapshot.generation)
            if used + max(size, 1) > quota:
                return False
        return True


def _used(account: int) -> int:
    found = AccountCounters.objects.filter(pk=account).values_list("bytes", flat=True).first()
    return found or 0
