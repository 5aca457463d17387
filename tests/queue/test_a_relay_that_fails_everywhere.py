"""A relay that refuses, delays and hangs up anywhere."""

import re
import threading
from collections import Counter
from random import Random

import pytest

from delivery.models import Attempt, QueuedRecipient
from mail import clock
from tests.world.delivering import deliverer
from tests.world.letters import letter
from tests.world.smtp_peer import PeerSession, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.long

MESSAGES = 60
ROUNDS = 40
"""More than the schedule has attempts."""


class Moody:
    """A server with chances for every misfortune; notes whom it took which message for."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.lock = threading.Lock()
        self.taken: Counter[tuple[str, str]] = Counter()
        self.silent: set[tuple[str, str]] = set()
        """Taken or not: it hung up before it said so."""

    def __call__(self, peer: PeerSession) -> None:
        with self.lock:
            self.talk(peer)

    def often(self, percent: float) -> bool:
        return self.chance.random() * 100 < percent

    def say(self, peer: PeerSession, *lines: str) -> None:
        """In two pieces sometimes, or not at all."""
        if self.often(0.7):
            peer.reset()
            return
        data = "".join(line + "\r\n" for line in lines).encode()
        cut = self.chance.randrange(len(data)) if self.often(30) else 0
        peer.send_raw(data[:cut])
        peer.send_raw(data[cut:])

    def talk(self, peer: PeerSession) -> None:
        if self.often(2):
            peer.send("421 4.3.2 busy")
            return
        self.say(peer, "220-moody", "220 ready")
        recipients: list[str] = []
        while True:
            verb, _, rest = peer.read_line().partition(" ")
            match verb.upper():
                case "EHLO":
                    pipelining = ["250-PIPELINING"] if self.often(70) else []
                    self.say(peer, "250-moody", *pipelining, "250 8BITMIME")
                case "MAIL" if self.often(3):
                    self.say(peer, "451 4.3.0 not now")
                case "MAIL" | "RSET":
                    recipients = []
                    self.say(peer, "250 2.1.0 ok")
                case "RCPT":
                    recipients += self.recipient(peer, rest.partition("<")[2].partition(">")[0])
                case "DATA":
                    self.message(peer, recipients)
                    recipients = []
                case "QUIT":
                    peer.send("221 bye")
                    return
                case _:
                    self.say(peer, "500 5.5.2 what")

    def recipient(self, peer: PeerSession, address: str) -> list[str]:
        if address.startswith("nobody"):
            self.say(peer, "550-5.1.1 there is", "550 5.1.1 no such user")
        elif self.often(8):
            self.say(peer, "450 4.2.0 greylisted")
        elif self.often(2):
            self.say(peer, "452 4.5.3 too many recipients")
        else:
            self.say(peer, "250 2.1.5 ok")
            return [address]
        return []

    def message(self, peer: PeerSession, recipients: list[str]) -> None:
        if not recipients:
            self.say(peer, "503 5.5.1 no recipients")
            return
        if self.often(3):
            self.say(peer, "451 4.3.0 not now")
            return
        self.say(peer, "354 go ahead")
        found = re.search(rb"Subject: (\S+)", peer.read_message())
        if found is None:  # a client whose MAIL was refused gives up so (RFC 2920 section 3.1)
            self.say(peer, "554 5.6.0 empty")
            return
        pairs = [(found[1].decode(), address) for address in recipients]
        if self.often(4):
            self.say(peer, "451 4.3.1 disk full")
        elif self.often(3):
            self.silent.update(pairs)
            peer.reset()
        else:
            self.taken.update(pairs)
            # Whoever does not hear this has to send again, so it is always said.
            peer.send("250 2.0.0 queued")


@pytest.mark.parametrize("seed", range(2))
def test_each_recipient_is_served_once_or_the_sender_is_told(world: World, seed: int) -> None:
    chance = Random(seed)
    moody = Moody(seed)
    world.lift_limits(world.alice)
    wanted: set[tuple[str, str]] = set()
    with SmtpPeer(moody) as server, deliverer(world) as worker:
        world.relay_everything(server.port)
        for number in range(MESSAGES):
            names = chance.sample(
                ["ann", "ben", "cem", "nobody", "dora", "emil"], chance.choice([1, 1, 2, 4])
            )
            recipients = [f"{name}@d{chance.randrange(5)}.example" for name in names]
            queue_letter(world, *recipients, raw=letter(f"s{number}", sender="alice@example.org"))
            wanted.update((f"s{number}", address) for address in recipients)
        for _ in range(ROUNDS):
            while worker.deliver_due():
                pass
            if not QueuedRecipient.objects.filter(state="waiting").exists():
                break
            clock.advance(8 * clock.HOUR)

    states = {
        (row.message.subject, str(row)): row.state
        for row in QueuedRecipient.objects.select_related("message")
    }
    assert set(states) == wanted
    delivered = {pair for pair, state in states.items() if state == "delivered"}
    assert set(states.values()) == {"delivered", "failed"}
    assert delivered == set(moody.taken)
    assert not any(address.startswith("nobody") for _, address in delivered)
    assert {pair for pair, times in moody.taken.items() if times > 1} <= moody.silent
    told = "".join(world.message_bytes(each).decode() for each in world.messages(world.alice))
    failed = Counter(address for pair in wanted - delivered for address in pair[1:])
    assert (
        Counter(re.findall(r"Final-Recipient: rfc822; ?(\S+)\r\n(?:\S.*\r\n)*?Action: failed", told))
        == failed
    )
    assert Attempt.objects.filter(outcome="delivered").count() == len(delivered)
