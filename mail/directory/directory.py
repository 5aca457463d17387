"""The directory for event loops: answers from memory, or from a reader thread."""

import asyncio
from collections.abc import Iterable

from mail.addresses.address import Address
from mail.addresses.localpart import POSTMASTER
from mail.configuration.snapshots import Snapshots
from mail.directory.cache import GenerationCache
from mail.directory.lookup import decided_by_domain, look_up, may_send_as
from mail.directory.results import Resolution
from mail.directory.room import Room
from mail.store import readers

CACHED_ADDRESSES = 10_000


class Directory:
    """Look-ups for the sessions of one event loop, cached until the configuration changes."""

    def __init__(self, snapshots: Snapshots, *, size: int = CACHED_ADDRESSES) -> None:
        self._snapshots = snapshots
        self._resolutions: GenerationCache[Address, Resolution] = GenerationCache(size)
        self._permissions: GenerationCache[tuple[int, Address], bool] = GenerationCache(size)
        self._room = Room(snapshots, size=size)

    async def resolve(self, address: Address) -> Resolution:
        """Who gets mail for the address (mail.directory.lookup.look_up)."""
        snapshot = self._snapshots.current()
        known = decided_by_domain(address, snapshot) or self._resolutions.get(address, snapshot.generation)
        if known is not None:
            return known
        found = await asyncio.wrap_future(readers.run(look_up, address, snapshot))
        if _depends_on_configuration_alone(address):
            self._resolutions.put(address, found, snapshot.generation)
        return found

    async def may_send_as(self, account_id: int, address: Address) -> bool:
        """Whether the account may send as the address (mail.directory.lookup.may_send_as)."""
        snapshot = self._snapshots.current()
        key = (account_id, address)
        known = self._permissions.get(key, snapshot.generation)
        if known is not None:
            return known
        allowed = await asyncio.wrap_future(readers.run(may_send_as, account_id, address, snapshot))
        if _depends_on_configuration_alone(address):
            self._permissions.put(key, allowed, snapshot.generation)
        return allowed

    async def has_room(self, account_ids: Iterable[int], size: int) -> bool:
        """Whether the accounts could take a message some seconds ago (mail.directory.room.Room)."""
        return await self._room.is_there(account_ids, size)


def _depends_on_configuration_alone(address: Address) -> bool:
    """Who is the postmaster may depend on logins, whose changes do not count as configuration."""
    return not address.localpart.lower().startswith(POSTMASTER)
