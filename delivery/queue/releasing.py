"""Letting content go that no recipient waits for any more."""

from collections.abc import Collection

from mail import clock
from mail.store.write import Transaction


def release_contents(current: Transaction, messages: Collection[int]) -> None:
    """Messages whose last recipient is settled need their content no longer; the sweeper looks at it."""
    if not messages:
        return
    rows = current.given(
        "id bigint",
        [(message,) for message in sorted(messages)],
        "SELECT m.id, m.content_id FROM given JOIN delivery_queuedmessage m ON m.id = given.id "
        "WHERE m.content_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM delivery_queuedrecipient q WHERE q.message_id = m.id AND q.state = 'waiting')",
    )
    moment = clock.now()
    current.given(
        "id bigint",
        [(row,) for row, _ in rows],
        "UPDATE delivery_queuedmessage SET content_id = NULL FROM given "
        "WHERE delivery_queuedmessage.id = given.id",
    )
    current.given(
        "id bigint",
        [(content,) for _, content in rows],
        "UPDATE mail_content SET doubtful = TRUE, touched = %s FROM given WHERE mail_content.id = given.id",
        [moment],
    )
