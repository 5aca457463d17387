"""Browsing the pages as one of the cast, and messages to find there."""

from email.message import EmailMessage

from django.test import Client

from delivery.models import Attempt, QueuedMessage, QueuedRecipient, State
from mail import clock
from mail.models import Account, Login, Message
from mail.store.accept import AcceptMessage
from tests.world.letters import new_content, to_inbox
from tests.world.world import World

PREFIX = b"Return-Path: <carol@remote.example>\r\n"
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x05\x02\x00_\xc8\xf1\xd2\x00\x00\x00\x00IEND\xaeB`\x82"
)


def visit_as(login: Login) -> Client:
    """A browser in which this login is logged in."""
    client = Client()
    client.force_login(login)
    return client


def page(client: Client, url: str) -> str:
    """The text of a page that must be there."""
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def receive(world: World, account: Account, raw: bytes, mailbox: str = "Inbox") -> Message:
    """Put a message into a mailbox; gives it back as it is stored."""
    delivery = to_inbox(account, PREFIX, mailbox)
    world.writer.submit(AcceptMessage(new_content(raw), (delivery,))).result()
    return world.messages(account, mailbox)[-1]


def wire(message: EmailMessage) -> bytes:
    """A message as it crosses the network."""
    return bytes(message).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def letter_with_everything() -> bytes:
    """Plain text and HTML with an embedded image, and two attachments."""
    message = EmailMessage()
    message["From"] = "Carol <carol@remote.example>"
    message["To"] = "Alice <alice@example.org>"
    message["Subject"] = "Pictures"
    message.set_content("Plain words, see https://remote.example/album\n")
    message.add_alternative(
        '<p>Rich <b>words</b></p><img src="cid:logo" alt="logo">'
        '<img src="https://tracker.example/x" alt="far">'
        "<script>alert(1)</script>",
        subtype="html",
    )
    message.get_payload()[1].add_related(PNG, "image", "png", cid="<logo>")  # type: ignore[union-attr, index]
    message.add_attachment(
        b"%PDF-1.4 " * 100, maintype="application", subtype="pdf", filename="Zürich – plan.pdf"
    )
    message.add_attachment("<script>alert(2)</script>", subtype="html", filename="evil.html")
    return wire(message)


def send(world: World, account: Account, *recipients: str, subject: str = "Numbers") -> QueuedMessage:
    """A message that the account has submitted, with waiting recipients."""
    number = 1_000_000 + 100 * QueuedMessage.objects.count()
    message = QueuedMessage.objects.create(
        id=number,
        account=account,
        login=account.name,
        session="4bxk9z0t1q",
        remote_ip="192.0.2.9",
        tls="TLS 1.3",
        accepted=clock.now(),
        sender_localpart=account.name,
        sender_domain="example.org",
        size=1234,
        subject=subject,
    )
    for place, recipient in enumerate(recipients, 1):
        localpart, _, domain = recipient.rpartition("@")
        QueuedRecipient.objects.create(
            id=number + place,
            message=message,
            localpart=localpart,
            domain=domain,
            lane=domain,
            due=clock.now() + clock.MINUTE,
            expires=clock.now() + clock.DAY,
        )
    return message


def tried(recipient: QueuedRecipient, outcome: Attempt.Outcome, reply: str, stage: str = "rcpt") -> Attempt:
    """One more attempt for the recipient, with a reply such as “451 4.7.1 greylisted”."""
    code, enhanced, text = reply.split(" ", 2)
    recipient.attempts += 1
    recipient.last_reply = reply
    if outcome == Attempt.Outcome.DELIVERED:
        recipient.state, recipient.due, recipient.settled = State.DELIVERED, None, clock.now()
    if outcome == Attempt.Outcome.PERMANENT:
        recipient.state, recipient.due, recipient.settled = State.FAILED, None, clock.now()
    recipient.save()
    return Attempt.objects.create(
        id=recipient.id * 100 + recipient.attempts,
        recipient=recipient,
        number=recipient.attempts,
        started=clock.now(),
        duration=410_000,
        rule='account rule 1 "to example.net"',
        transport="relay",
        host="relay.example",
        ip="192.0.2.25",
        tls="TLS 1.3",
        outcome=outcome,
        stage=stage,
        code=int(code),
        enhanced=enhanced,
        text=text,
    )
