"""Letting content go that no recipient waits for any more."""

from collections.abc import Collection

from mail import clock
from mail.store.write import Transaction


def release_contents(current: Transaction, messages: Collection[int]) -> None:
    """Messages whose last recipient is settled need their content no longer; the sweeper looks at it."""
    if not messages:
        return
    places = ", ".join(["%s"] * len(messages))
    rows = current.rows(
        "SELECT m.id, m.content_id FROM delivery_queuedmessage m "
        f"WHERE m.id IN ({places}) AND m.content_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM delivery_queuedrecipient q WHERE q.message_id = m.id AND q.state = 'waiting')",
        sorted(messages),
    )
    moment = clock.now()
    current.cursor.executemany(
        "UPDATE delivery_queuedmessage SET content_id = NULL WHERE id = %s", [(row,) for row, _ in rows]
    )
    current.cursor.executemany(
        "UPDATE mail_content SET doubtful = TRUE, touched = %s WHERE id = %s",
        [(moment, content) for _, content in rows],
    )
