import asyncio

from delivery.smtp.server.backend import Service
from delivery.smtp.server.environment import Environment
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.transactions import Session
from tests.smtp_server.memory import MemoryBackend


class LinkLocal(asyncio.Transport):
    """A connection from and to an address that is good on one interface only."""

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("fe80::1%enp0s31f6", 25, 0, 2)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        pass

    def is_closing(self) -> bool:
        return False


def test_the_interface_of_a_link_local_client_is_not_taken_for_its_address() -> None:
    async def run() -> None:
        environment = Environment(MemoryBackend(), None, Limits(), "mail.example.org")
        session = Session(environment, Service.SMTP, asyncio.get_running_loop())
        session.connection_made(LinkLocal())
        assert (session.info.remote_address, session.info.local_address) == ("fe80::1", "fe80::1")
        session.connection_lost(None)
        await environment.empty()

    asyncio.run(run())
