"""What attempts and submissions leave in the metrics."""

from collections.abc import Callable, Iterator

import pytest

from delivery.metrics import COMMAND_SECONDS, CONNECTIONS, DELIVERY_SECONDS, SUBMISSIONS
from delivery.queue.counting import result_label, tls_mode
from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import ConnectionFacts, Outcome, RecipientResult, TlsFacts
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.transports.hosts import RelayHosts
from delivery.transports.kinds import kind_named
from delivery.transports.smarthost import SmarthostSettings
from mail.errors import Reply
from mail.metrics.metric import Labels, Metric
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.smtp_server import MailServer
from tests.world.submissions import queue_letter
from tests.world.world import World

CAROL, DAVE = "carol@remote.example", "dave@remote.example"
OK = RecipientResult(CAROL, Outcome.DELIVERED, Reply(250, "2.0.0", "ok"), True, Stage.END)
REFUSED = RecipientResult(DAVE, Outcome.PERMANENT, Reply(550, "5.1.1", "no"), True, Stage.RCPT)
LATER = RecipientResult(DAVE, Outcome.TEMPORARY, Reply(451, "4.7.1", "later"), True, Stage.RCPT)
LATE_WORDS = "the server does not answer within 300 s"
LATE = RecipientResult(DAVE, Outcome.TEMPORARY, Reply(451, "4.4.2", LATE_WORDS), False, Stage.RCPT)
BROKEN = RecipientResult(DAVE, Outcome.TEMPORARY, Reply(451, "4.3.0", "internal error"), False, Stage.CONNECT)


def numbers(metric: Metric) -> dict[Labels, float]:
    """How often each set of labels was counted."""
    return {
        labels: sum(value[:-1]) if isinstance(value, list) else value for labels, value in metric.samples()
    }


def since(metric: Metric) -> Callable[[], dict[Labels, float]]:
    """What is counted from now on."""
    before = numbers(metric)

    def difference() -> dict[Labels, float]:
        return {
            labels: count - before.get(labels, 0)
            for labels, count in numbers(metric).items()
            if count != before.get(labels, 0)
        }

    return difference


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns(
        {"remote.example": {"MX": ["10 mx.remote.example."]}, "mx.remote.example": {"A": ["127.0.0.1"]}}
    ) as server:
        yield server


@pytest.mark.only_database("sqlite")
def test_an_attempt_is_counted_once_for_its_message(world: World, dns: FakeDns) -> None:
    deliveries, commands = since(DELIVERY_SECONDS), since(COMMAND_SECONDS)
    connections = since(CONNECTIONS)
    with (
        SmtpPeer(Ordinary(rcpt={DAVE: "550 5.1.1 no such user"})) as server,
        deliverer(world, dns, smtp_port=server.port) as worker,
    ):
        queue_letter(world, CAROL, DAVE)
        worker.deliver_due()
    assert deliveries() == {("1", "", "skip", "okpartial"): 1}
    assert connections() == {("ok",): 1}
    replies = commands()
    assert replies["rcpt", "550", "5.1.1"] == replies["end", "250", "2.0.0"] == 1
    assert replies["greeting", "220", ""] == 1


@pytest.mark.only_database("sqlite")
def test_submissions_are_counted_by_what_became_of_them(world: World, tmp_path: "object") -> None:
    counted = since(SUBMISSIONS)
    world.alice  # noqa: B018
    server = MailServer(world, tmp_path)  # type: ignore[arg-type]
    server.start()
    try:
        dialogue = server.submit()
        dialogue.expect("550", "MAIL FROM:<bob@example.org>")
        for author, code in (("alice@example.org", "250"), ("bob@example.org", "550"), ("nobody", "550")):
            dialogue.expect("250", "MAIL FROM:<alice@example.org>")
            dialogue.expect("250", f"RCPT TO:<{CAROL}>")
            dialogue.expect("354", "DATA")
            dialogue.expect(code, f"From: {author}\r\n\r\nhi\r\n.")
    finally:
        server.stop()
    assert counted() == {("ok",): 1, ("badfrom",): 2, ("badheader",): 1}


@pytest.mark.parametrize(
    ("results", "label"),
    [
        ((OK, OK), "ok"),
        ((OK, REFUSED), "okpartial"),
        ((REFUSED, REFUSED), "permerror"),
        ((REFUSED, LATER), "temperror"),
        ((LATE,), "timeout"),
        ((LATE, BROKEN), "error"),
    ],
)
def test_a_message_has_one_word_for_all_its_recipients(
    results: tuple[RecipientResult, ...], label: str
) -> None:
    assert result_label(results) == label


@pytest.mark.parametrize(
    ("policy", "encrypted", "mode"),
    [
        ("opportunistic", True, "opportunistic"),
        ("opportunistic", False, "skip"),
        ("mta-sts", True, "requiredstarttls+mtasts"),
        ("mta-sts+dane", True, "requiredstarttls+mtasts+dane"),
        ("dane", True, "requiredstarttls+dane"),
        ("required", True, "requiredstarttls"),
    ],
)
def test_the_tls_mode_of_direct_delivery_follows_from_its_policy(
    policy: str, encrypted: bool, mode: str
) -> None:
    tls = TlsFacts("TLSv1.3", "x", "") if encrypted else None
    facts = ConnectionFacts("mx.remote.example", "127.0.0.1", 25, tls, policy=policy)
    result = RecipientResult(CAROL, Outcome.DELIVERED, OK.reply, True, Stage.END, facts)
    assert tls_mode(kind_named("direct").read({}), result) == mode


def test_the_tls_mode_of_a_relay_is_configured() -> None:
    settings = SmarthostSettings(RelayHosts(()), TlsPolicy(TlsMode.IMMEDIATE, verify=True))
    assert tls_mode(settings, LATER) == "immediate"
