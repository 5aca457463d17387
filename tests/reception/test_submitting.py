"""A user's message reaches local mailboxes and the queue in one commit."""

from delivery.models import QueuedMessage, QueuedRecipient, State
from mail.models import Account, Alias, AliasMember, Destination
from mail.store.contents import read
from mail.wake import WakeListener
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.letters import letter
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.smtp_server import MailServer
from tests.world.world import World

ALICE = "alice@example.org"


def own_letter(fields: bytes = b"Date: Tue, 01 Jul 2025 12:00:00 +0000\r\nMessage-ID: <1@x>\r\n") -> bytes:
    return fields + letter(sender=ALICE)


def queued_content(world: World) -> bytes:
    """The one queued message as its recipients will get it."""
    message = QueuedMessage.objects.get()
    assert message.content is not None
    return bytes(message.prefix) + b"".join(read(message.content.pk))


def test_local_recipients_have_it_and_remote_ones_are_queued(world: World, server: MailServer) -> None:
    world.alice, world.bob  # noqa: B018
    with server.submit() as client:
        answer = client.deliver(own_letter(), ALICE, "bob@example.org", "carol@remote.example")
    assert answer.startswith("250 2.0.0 accepted, id ")
    (copy,) = world.messages(world.bob)
    assert world.message_bytes(copy).startswith(
        b"Return-Path: <alice@example.org>\r\nDelivered-To: bob@example.org\r\nReceived: from client.example"
    )
    assert world.message_bytes(copy).endswith(own_letter())
    message = QueuedMessage.objects.get()
    assert message.content_id == copy.content_id
    assert (message.account, message.login, message.remote_ip) == (world.alice, "alice", "127.0.0.1")
    assert message.tls.startswith("TLSv1.3 ")
    assert (message.subject, message.message_id) == ("Lunch", "1@x")
    local, remote = QueuedRecipient.objects.order_by("id")
    assert (local.state, local.local_account) == (State.DELIVERED, "bob")
    assert (remote.state, remote.local_account, remote.domain) == (State.WAITING, "", "remote.example")


def test_what_leaves_has_our_received_field_and_no_delivery_fields(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        assert client.deliver(own_letter(), ALICE, "carol@remote.example").startswith("250")
    raw = queued_content(world)
    assert raw.startswith(
        b"Received: from client.example ([127.0.0.1])\r\n\tby mail.example.org with ESMTPSA"
    )
    assert b"\tfor <carol@remote.example>" in raw
    assert raw.endswith(own_letter())
    assert QueuedMessage.objects.get().size == len(raw)


def test_a_missing_date_and_message_id_are_added(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        assert client.deliver(own_letter(b""), ALICE, "carol@remote.example").startswith("250")
    raw = queued_content(world)
    message = QueuedMessage.objects.get()
    assert message.content is not None
    assert raw.count(b"Date: ") == raw.count(b"Message-ID: ") == 1
    assert f"Message-ID: <{message.message_id}>\r\n".encode() in raw
    assert message.message_id.endswith("@mail.example.org")
    assert message.content.message_id == message.message_id
    assert message.content.date is not None


def test_hidden_recipients_get_it_and_nobody_sees_them(world: World, server: MailServer) -> None:
    world.alice, world.bob  # noqa: B018
    hidden = b"Bcc: bob@example.org,\r\n carol@remote.example\r\nbcc : dave@remote.example\r\n"
    raw = hidden + b"Resent-Bcc: x@remote.example\r\nReturn-Path: <y@remote.example>\r\n" + own_letter()
    with server.submit() as client:
        assert client.deliver(raw, ALICE, "bob@example.org", "carol@remote.example").startswith("250")
    (copy,) = world.messages(world.bob)
    for seen in (world.message_bytes(copy), queued_content(world)):
        assert seen.endswith(b"+0000\r\n" + own_letter())
        assert b"cc:" not in seen.lower()


def test_a_message_to_address_literals_is_queued(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        answer = client.deliver(own_letter(), ALICE, "x@[192.0.2.1]", "y@[IPv6:2001:db8::1]")
    assert answer.startswith("250")
    domains = QueuedRecipient.objects.order_by("id").values_list("domain", flat=True)
    assert list(domains) == ["[192.0.2.1]", "[IPv6:2001:db8::1]"]


def test_when_all_recipients_are_local_nothing_waits(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        assert client.deliver(own_letter(), ALICE, ALICE).startswith("250")
    assert QueuedMessage.objects.get().content is None
    assert len(world.messages(world.alice)) == 1


def test_a_recipient_that_does_not_exist_here_is_refused_at_once(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        client.begin(ALICE)
        client.expect("550 5.1.1", "RCPT TO:<nobody@example.org>")


def test_members_write_to_their_alias_and_others_do_not(world: World, server: MailServer) -> None:
    alias = Alias.objects.create(domain=world.example_org, localpart="board", canonical_localpart="board")
    AliasMember.objects.create(alias=alias, destination=Destination.objects.get(account=world.alice))
    world.bob  # noqa: B018
    with server.submit("bob") as client:
        client.begin("bob@example.org")
        client.expect("550 5.7.1", "RCPT TO:<board@example.org>")
    with server.submit() as client:
        assert client.deliver(own_letter(), ALICE, "board@example.org").startswith("250")
    assert len(world.messages(world.alice)) == 1
    assert QueuedRecipient.objects.get().local_account == "board"


def test_the_dispatcher_is_woken_when_something_waits(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    listener = WakeListener(server.run_folder, "delivery")
    try:
        with server.submit() as client:
            assert client.deliver(own_letter(), ALICE, "carol@remote.example").startswith("250")
        assert listener.wait(30)
    finally:
        listener.close()


def test_what_needs_eight_bits_is_found_in_the_message(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    header = own_letter().replace(b"Subject: Lunch", "Subject: Grüße".encode())
    with server.submit() as client:
        for raw in (own_letter(), own_letter() + "Grüße\r\n".encode(), header):
            answer = client.deliver(raw, ALICE, "carol@remote.example", parameters=" BODY=8BITMIME SMTPUTF8")
            assert answer.startswith("250")
    needs = QueuedMessage.objects.order_by("id").values_list("eight_bit", "smtputf8")
    assert list(needs) == [(False, False), (True, False), (True, True)]


def test_an_old_program_with_raw_letters_in_its_header_reaches_servers_without_smtputf8(
    world: World, server: MailServer
) -> None:
    world.alice  # noqa: B018
    header = own_letter().replace(b"Subject: Lunch", "Subject: Grüße".encode("latin-1"))
    with server.submit() as client:
        answer = client.deliver(header, ALICE, "carol@remote.example", parameters=" BODY=8BITMIME")
        assert answer.startswith("250")
    with (
        FakeDns({"remote.example": {"A": ["127.0.0.1"]}}) as dns,
        SmtpPeer(Ordinary(extensions=("PIPELINING", "8BITMIME"))) as peer,
        deliverer(world, dns, smtp_port=peer.port) as worker,
    ):
        worker.deliver_due()
    (message,) = peer.messages
    assert b"Subject: Gr\xfc\xdfe\r\n" in message


def test_an_international_address_asks_nothing_of_the_servers_of_other_recipients(
    world: World, server: MailServer
) -> None:
    world.alice  # noqa: B018
    with server.submit() as client:
        recipients = ("jörg@remote.example", "carol@other.example")
        answer = client.deliver(own_letter(), ALICE, *recipients, parameters=" SMTPUTF8")
        assert answer.startswith("250")
    with (
        FakeDns({"remote.example": {"A": ["127.0.0.1"]}, "other.example": {"A": ["127.0.0.1"]}}) as dns,
        SmtpPeer(Ordinary(extensions=("PIPELINING", "8BITMIME"))) as peer,
        deliverer(world, dns, smtp_port=peer.port) as worker,
    ):
        worker.deliver_due()
    replies = dict(QueuedRecipient.objects.values_list("localpart", "last_reply"))
    assert replies["carol"].startswith("250")
    assert replies["jörg"].startswith("550 5.6.7")


def test_a_full_mailbox_refuses_the_whole_message(world: World, server: MailServer) -> None:
    world.alice  # noqa: B018
    Account.objects.filter(pk=world.bob.pk).update(quota_mb=1)
    with server.submit() as client:
        raw = own_letter() + b"x" * 70 * 20_000 + b"\r\n"
        answer = client.deliver(raw, ALICE, "bob@example.org", "carol@remote.example")
        assert answer.startswith("452 4.2.2")
        assert client.deliver(own_letter(), ALICE, "bob@example.org").startswith("250")
    assert QueuedMessage.objects.count() == 1
    assert len(world.messages(world.bob)) == 1
