"""Showing 200 000 staged messages in a mailbox that holds 1000 already: how long the one commit takes.

Their dates are in the order in which they come, or in none, as where several folders go to one mailbox. The
messages are put there by statements; nothing is read. Processor seconds are those of the writing process.
"""

import time
from pathlib import Path

from django.db import connection, transaction

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row
from importer.command.by_command import begin
from importer.models import Duplicates, Import
from importer.staging.reveal import RevealImport
from importer.staging.stage import StageBatch
from mail import clock
from tests.world.world import World

STAGED, THERE = 200_000, 1000
IN_ORDER, IN_NO_ORDER = 1, 79_193  # a number that is prime to the modulus in _MESSAGES
FIRST_RECEIVED, RECEIVED_EVERY = 1_600_000_000 * clock.SECOND, 10 * clock.MINUTE

_CONTENTS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
INSERT INTO mail_content (id, doubtful, touched, size, sha256, part_index, subject, from_name, from_address,
to_text, message_id, in_reply_to, thread_references)
SELECT %s + i, %s, 0, 4000, %s, %s, 'Note ' || i || ' about boats', 'Ann', 'ann@d.example',
'alice@example.org', i || '.1@d.example', '', '' FROM n"""
_MESSAGES = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
INSERT INTO mail_message (id, mailbox_id, uid, modseq, created_modseq, content_id, prefix, size, received,
flags, keywords, envelope_sender, recipient)
SELECT %s + i, %s, i, 1, 1, %s + i, %s, 4000,
%s + (i * CAST(%s AS bigint) %% 200003) * CAST(%s AS bigint), i %% 2, '[]', 'ann@d.example', '' FROM n"""
_COUNT = "UPDATE mail_mailbox SET next_uid = %s, messages = %s, unseen = %s, bytes = %s WHERE id = %s"


def main() -> None:
    """Print a row for each database."""
    head(f"{STAGED} into {THERE}", "reveal, s", "processor, s")
    for kind in KINDS:
        for name, order in (("by date", IN_ORDER), ("in no order", IN_NO_ORDER)):
            try:
                with fresh_world(kind) as world:
                    row(f"{kind}, {name}", *(f"{seconds:.2f}" for seconds in _reveal(world, order)))
            except LookupError as error:
                row(kind, f"not measured: {error}")


def _reveal(world: World, order: int) -> tuple[float, float]:
    fill(world.inbox(world.alice).pk, 10_000_000, THERE)
    import_row, token = begin(world.alice, Path("/dev/null"), Duplicates.KEEP, "", {})
    world.writer.submit(StageBatch(import_row.pk, token, 0, 1, targets=("Inbox",))).result()
    fill(import_row.targets.get().mailbox_id, 20_000_000, STAGED, order)
    Import.objects.filter(pk=import_row.pk).update(messages=STAGED, bytes=4000 * STAGED)
    started, used = time.perf_counter(), time.process_time()
    world.writer.submit(RevealImport(import_row.pk, world.alice.pk, token)).result()
    return time.perf_counter() - started, time.process_time() - used


def fill(mailbox: int, first: int, count: int, order: int = IN_ORDER) -> None:
    """Put messages into the mailbox."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CONTENTS, [count, first, False, b"", b""])
        dates = [FIRST_RECEIVED, order, RECEIVED_EVERY]
        cursor.execute(_MESSAGES, [count, first, mailbox, first, b"", *dates])
        cursor.execute(_COUNT, [count + 1, count, count // 2, 4000 * count, mailbox])


if __name__ == "__main__":
    main()
