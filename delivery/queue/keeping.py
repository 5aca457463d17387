"""Delivering a group while its lease is kept alive."""

import asyncio
from collections.abc import Callable

from delivery.configuration.sections import CompiledTransport
from delivery.queue.leases import LEASE
from delivery.transports.group import DeliveryContext, Group, GroupResult
from mail import clock

RENEWAL_SECONDS = LEASE / clock.SECOND / 3


async def deliver_keeping_leases(
    transport: CompiledTransport,
    group: Group,
    context: DeliveryContext,
    renew: Callable[[], object],
    timeout_seconds: float,
) -> GroupResult:
    """Deliver, calling `renew` three times a lease. Raises TimeoutError, and what the transport raises."""
    renewal = asyncio.create_task(_renew_for_ever(renew))
    try:
        async with asyncio.timeout(timeout_seconds):
            return await transport.kind.deliver(transport.settings, group, context)
    finally:
        renewal.cancel()


async def _renew_for_ever(renew: Callable[[], object]) -> None:
    while True:
        await asyncio.sleep(RENEWAL_SECONDS)
        renew()
