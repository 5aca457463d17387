"""Taking a message over: its content and everything that refers to it, in one commit."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from mail import clock
from mail.mime.summary import Summary
from mail.store.deliver import LocalDelivery, Placement, deliver, refuse_over_quota
from mail.store.layout import chunk_id
from mail.store.write import Locks, Transaction, Write, applies


@dataclass(slots=True)  # not frozen: made for each message
class NewContent:
    """A whole message, of which `content_id` and `stored_chunks` say what was committed ahead."""

    size: int
    sha256: bytes
    part_index: bytes
    summary: Summary
    chunks: tuple[bytes, ...]
    content_id: int | None = None
    stored_chunks: int = 0


class ContentUser:
    """Something other than a mailbox that refers to a content: rows another package adds to the commit.

    Subclasses are frozen dataclasses, known through `uses_content`.
    """

    @property
    def locked_accounts(self) -> Collection[int]:
        """Accounts, by id, that are locked before anything is checked."""
        return ()


@dataclass(frozen=True, slots=True)
class AcceptMessage(Write):
    """Store a message and deliver it to mailboxes and whatever else uses it: all of it or nothing.

    Gives an Accepted, or raises MailError when a mailbox is over its quota or a content user refuses.
    """

    content: NewContent
    deliveries: tuple[LocalDelivery, ...]
    users: tuple[ContentUser, ...] = field(default=())

    @property
    def weight(self) -> int:
        return sum(map(len, self.content.chunks))


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an AcceptMessage stored."""

    content_id: int
    placements: tuple[Placement, ...]


U = TypeVar("U", bound=ContentUser)
AddUsers = Callable[[Transaction, Sequence[tuple[int, Any]]], None]
CheckUsers = Callable[[Transaction, Sequence[Any]], Sequence[Exception | None]]

_users: dict[type[ContentUser], tuple[AddUsers, CheckUsers | None]] = {}


def uses_content(kind: type[ContentUser], check: CheckUsers | None = None) -> Callable[[AddUsers], AddUsers]:
    """Register the function that inserts content users of `kind`, given as (content id, user).

    `check` may refuse users before anything is inserted, with an exception for each that it refuses.
    """

    def register(add: AddUsers) -> AddUsers:
        _users[kind] = (add, check)
        return add

    return register


def _locks(writes: Sequence[AcceptMessage]) -> Locks:
    accounts = {delivery.account_id for write in writes for delivery in write.deliveries}
    accounts.update(*(user.locked_accounts for write in writes for user in write.users))
    return Locks(accounts=accounts)


@applies(AcceptMessage, needs=_locks)
def accept(current: Transaction, writes: Sequence[AcceptMessage]) -> list[Accepted | Exception]:
    results: list[Accepted | Exception | None] = list(_refusals(current, writes))
    accepted = [index for index, refusal in enumerate(results) if refusal is None]
    contents = insert_contents(current, [writes[index].content for index in accepted])
    placements = deliver(
        current,
        [
            (content, writes[index].content.size, delivery)
            for index, content in zip(accepted, contents, strict=True)
            for delivery in writes[index].deliveries
        ],
    )
    _add_users(current, [(content, writes[index]) for index, content in zip(accepted, contents, strict=True)])
    remaining = iter(placements)
    for index, content in zip(accepted, contents, strict=True):
        own = tuple(next(remaining) for _ in writes[index].deliveries)
        results[index] = Accepted(content, own)
    return [result for result in results if result is not None]


def _refusals(current: Transaction, writes: Sequence[AcceptMessage]) -> list[Exception | None]:
    refusals: list[Exception | None] = refuse_over_quota(
        current, [(write.content.size, write.deliveries) for write in writes]
    )
    for kind, (_, check) in _users.items():
        if check is None:
            continue
        asked = [
            (index, user)
            for index, write in enumerate(writes)
            if refusals[index] is None
            for user in write.users
            if type(user) is kind
        ]
        for (index, _), refusal in zip(asked, check(current, [user for _, user in asked]), strict=True):
            refusals[index] = refusals[index] or refusal
    return refusals


def _add_users(current: Transaction, accepted: Sequence[tuple[int, AcceptMessage]]) -> None:
    for kind, (add, _) in _users.items():
        users = [(content, user) for content, write in accepted for user in write.users if type(user) is kind]
        if users:
            add(current, users)


def insert_contents(current: Transaction, contents: Sequence[NewContent]) -> list[int]:
    """Store contents to which the same transaction refers; gives their ids."""
    fresh = iter(current.ids(sum(content.content_id is None for content in contents)))
    ids = [next(fresh) if content.content_id is None else content.content_id for content in contents]
    moment = clock.now()
    pairs = list(zip(ids, contents, strict=True))
    current.insert(
        "mail_content",
        "id, doubtful, touched, size, sha256, part_index, subject, from_name, from_address, to_text, date, "
        "message_id, in_reply_to, thread_references",
        [(id_, False, moment, *_columns(content)) for id_, content in pairs if content.content_id is None],
    )
    for id_, content in pairs:
        if content.content_id is not None:
            current.run(
                "UPDATE mail_content SET doubtful = %s, touched = %s, size = %s, sha256 = %s, "
                "part_index = %s, subject = %s, from_name = %s, from_address = %s, to_text = %s, date = %s, "
                "message_id = %s, in_reply_to = %s, thread_references = %s WHERE id = %s",
                (False, moment, *_columns(content), id_),
            )
    current.insert(
        "mail_chunk",
        "id, data",
        [
            (chunk_id(id_, content.stored_chunks + position), data)
            for id_, content in pairs
            for position, data in enumerate(content.chunks)
        ],
    )
    return ids


def _columns(content: NewContent) -> tuple[object, ...]:
    summary = content.summary
    return (
        content.size,
        content.sha256,
        content.part_index,
        summary.subject,
        summary.sender.name,
        summary.sender.address,
        ", ".join(recipient.name or recipient.address for recipient in summary.recipients),
        summary.date,
        summary.message_id,
        " ".join(summary.in_reply_to),
        " ".join(summary.references),
    )
