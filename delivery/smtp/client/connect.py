"""Opening the TCP connection to one address of a server."""

import asyncio
import os

from delivery.metrics import CONNECTIONS
from delivery.smtp.client.connection import Connection
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.source import suits
from delivery.smtp.client.transcript import Observer, Transcript


async def connect(
    ip: str, port: int, *, seconds: float, source_ips: tuple[str, ...] = (), observer: Observer | None = None
) -> Connection:
    """Connect from the first of `source_ips` that suits `ip`, or from any address.

    Raises DeliveryFailure with stage connect.
    """
    source = next((own for own in source_ips if suits(own, ip)), None)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            _, connection = await loop.create_connection(
                lambda: Connection(Transcript(f"{ip} port {port}", observer)),
                ip,
                port,
                local_addr=None if source is None else (source, 0),
            )
    except TimeoutError:
        CONNECTIONS.add("timeout")
        raise _unreachable(ip, f"{ip} port {port} does not answer within {seconds:.3g} s") from None
    except asyncio.CancelledError:
        CONNECTIONS.add("canceled")
        raise
    except OSError as error:
        CONNECTIONS.add("error")
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise _unreachable(ip, f"{ip} port {port} can't be reached: {reason}") from error
    CONNECTIONS.add("ok")
    return connection


def _unreachable(ip: str, text: str) -> DeliveryFailure:
    failure = local_failure(Stage.CONNECT, 451, "4.4.1", text)
    failure.ip = ip
    return failure
