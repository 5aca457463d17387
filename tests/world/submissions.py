"""Putting messages into the queue as a submission would."""

from collections.abc import Sequence

from delivery.models import QueuedRecipient
from delivery.queue.enqueue import Outgoing, OutgoingRecipient
from mail import clock
from mail.addresses.parse import parse_address
from mail.models import Account
from mail.store.accept import AcceptMessage
from tests.world.letters import letter, new_content
from tests.world.world import World


def submission(
    account: Account, recipients: Sequence[str], raw: bytes | None = None, *, prefix: bytes = b""
) -> AcceptMessage:
    """The write that queues a message of an account."""
    content = new_content(raw if raw is not None else letter(sender=f"{account.name}@example.org"))
    user = Outgoing(
        account_id=account.pk,
        login=account.name,
        session="testsession",
        remote_ip="192.0.2.9",
        tls="TLSv1.3",
        accepted=clock.now(),
        sender=parse_address(f"{account.name}@example.org"),
        prefix=prefix,
        size=content.size + len(prefix),
        eight_bit=False,
        smtputf8=False,
        subject=content.summary.subject,
        message_id=content.summary.message_id,
        recipients=tuple(OutgoingRecipient(parse_address(address)) for address in recipients),
    )
    return AcceptMessage(content, (), (user,))


def queue_letter(world: World, *recipients: str, raw: bytes | None = None) -> list[QueuedRecipient]:
    """Queue a message of alice; its recipients' rows."""
    last = QueuedRecipient.objects.order_by("-id").first()
    world.writer.submit(submission(world.alice, recipients, raw)).result()
    return list(QueuedRecipient.objects.filter(id__gt=last.id if last else 0).order_by("id"))
