"""Transports run on the engine's loop, called from the threads of a worker."""

import concurrent.futures
import threading

import pytest

from delivery.engine import Engine
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.kinds import kind_named
from tests.transports.delivering import CAROL, SHORT, Elsewhere, mail
from tests.world.smtp_peer import Ordinary, PeerSession


def deliver_through(engine: Engine, elsewhere: Elsewhere, key: int, seconds: float = 20) -> GroupResult:
    context = DeliveryContext(
        engine.resolver, engine.trust, "mail.example.org", remote_port=elsewhere.port, timeouts=SHORT
    )
    kind = kind_named("")
    return engine.run(kind.deliver(kind.read({}), Group((mail(CAROL, key=key),)), context), seconds)


def test_many_threads_deliver_at_once_over_one_loop(elsewhere: Elsewhere) -> None:
    everyone_is_here = threading.Barrier(20, timeout=20)

    class Meeting(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            everyone_is_here.wait()
            super()._take_message(peer, accepted)

    server = elsewhere.server("remote.example", Meeting())
    with (
        Engine(nameserver=elsewhere.dns.address) as engine,
        concurrent.futures.ThreadPoolExecutor(20) as pool,
    ):
        results = list(pool.map(lambda key: deliver_through(engine, elsewhere, key), range(20)))
    assert all(result.delivered for result in results)
    assert len(server.messages) == 20
    assert elsewhere.dns.asked("remote.example", "MX") == 1


def test_a_delivery_that_is_given_up_closes_its_connection(elsewhere: Elsewhere) -> None:
    server = elsewhere.server("remote.example", lambda peer: peer.wait_for_close())
    with Engine(nameserver=elsewhere.dns.address) as engine:
        with pytest.raises(TimeoutError):
            deliver_through(engine, elsewhere, 1, seconds=0.3)
        assert server.sessions[0].client_closed.wait(5)
