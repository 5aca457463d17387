"""What must hold between the tables of the store. Used by `verify` and after every test."""

from django.db import connection

from mail.search.consistency import index_contradictions
from mail.store.layout import CHUNK_SIZE, POSITION_BITS
from mail.store.sweep import unused

_MAILBOX_COUNTERS = """
    SELECT b.id, b.messages, b.unseen, b.bytes, count(m.id),
           coalesce(sum(CASE WHEN m.flags % 2 = 0 THEN 1 ELSE 0 END), 0), coalesce(sum(m.size), 0)
    FROM mail_mailbox b LEFT JOIN mail_message m ON m.mailbox_id = b.id
    GROUP BY b.id, b.messages, b.unseen, b.bytes
"""
_ACCOUNT_BYTES = """
    SELECT c.account_id, c.bytes, coalesce(sum(b.bytes), 0)
    FROM mail_account_counters c LEFT JOIN mail_mailbox b ON b.account_id = c.account_id
    GROUP BY c.account_id, c.bytes
"""
_UIDS = """
    SELECT m.mailbox_id, m.uid FROM mail_message m JOIN mail_mailbox b ON b.id = m.mailbox_id
    WHERE m.uid >= b.next_uid
"""
_MODSEQS = """
    SELECT m.id FROM mail_message m JOIN mail_mailbox b ON b.id = m.mailbox_id
    JOIN mail_account_counters c ON c.account_id = b.account_id
    WHERE m.modseq > b.modseq OR b.modseq > c.modseq
"""
_USES = """
    SELECT account_id, special_use FROM mail_mailbox
    WHERE account_id IS NOT NULL AND special_use <> '' GROUP BY account_id, special_use HAVING count(*) > 1
"""
_TOMBSTONES = """
    SELECT t.mailbox_id, t.uid FROM mail_tombstone t JOIN mail_mailbox b ON b.id = t.mailbox_id
    WHERE t.uid >= b.next_uid OR t.modseq > b.modseq
       OR EXISTS (SELECT 1 FROM mail_message m WHERE m.mailbox_id = t.mailbox_id AND m.uid = t.uid)
"""
_SIZES = """
    SELECT m.id, m.size, length(m.prefix) + c.size
    FROM mail_message m JOIN mail_content c ON c.id = m.content_id
    WHERE m.size <> length(m.prefix) + c.size
"""
_CHUNKS = f"""
    SELECT c.id, c.size, coalesce(sum(length(k.data)), -1), coalesce(max(length(k.data)), 0)
    FROM mail_content c LEFT JOIN mail_chunk k
      ON k.id >= c.id * {1 << POSITION_BITS} AND k.id < (c.id + 1) * {1 << POSITION_BITS}
    WHERE NOT c.doubtful GROUP BY c.id, c.size
"""
_LOST_CHUNKS = f"""
    SELECT k.id FROM mail_chunk k
    WHERE NOT EXISTS (SELECT 1 FROM mail_content c WHERE c.id = k.id / {1 << POSITION_BITS})
"""


def inconsistencies() -> list[str]:
    """Every contradiction found, one sentence each. Reads counters and lengths, not content."""
    return [*_counters(), *_numbers(), *_mailboxes(), *_contents(), *index_contradictions(_rows)]


def _counters() -> list[str]:
    found = []
    for mailbox, messages, unseen, size, *actual in _rows(_MAILBOX_COUNTERS):
        if [messages, unseen, size] != [int(value) for value in actual]:
            found.append(f"mailbox {mailbox} counts {messages}, {unseen}, {size} but holds {actual}")
    for account, counted, actual_bytes in _rows(_ACCOUNT_BYTES):
        if counted != int(actual_bytes):
            found.append(f"account {account} counts {counted} bytes but its mailboxes {actual_bytes}")
    return found


def _numbers() -> list[str]:
    found = [f"uid {uid} of mailbox {mailbox} was never given away" for mailbox, uid in _rows(_UIDS)]
    found += [f"message {row} has a modseq above its mailbox's or account's" for (row,) in _rows(_MODSEQS)]
    found += [f"message {row} has size {size}, not {actual}" for row, size, actual in _rows(_SIZES)]
    return found


def _mailboxes() -> list[str]:
    found = [f"account {account} has several mailboxes for {use}" for account, use in _rows(_USES)]
    found += [
        f"the tombstone of uid {uid} in mailbox {mailbox} is of no message that was removed from it"
        for mailbox, uid in _rows(_TOMBSTONES)
    ]
    return found


def _contents() -> list[str]:
    found = []
    for content, size, actual, largest in _rows(_CHUNKS):
        if size != int(actual) or largest > CHUNK_SIZE:
            found.append(f"content {content} of {size} bytes has chunks of {actual} bytes")
    found += [f"chunk {chunk} belongs to no content" for (chunk,) in _rows(_LOST_CHUNKS)]
    rows = _rows(f"SELECT c.id FROM mail_content c WHERE NOT c.doubtful AND {unused()}")
    found += [
        f"content {content} is referred to by nothing and not marked for sweeping" for (content,) in rows
    ]
    return found


def _rows(sql: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
