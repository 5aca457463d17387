"""Accepts messages of 1 MB in one mailbox until it is killed. Argument: the account's id."""

import sys

import django

django.setup()

from mail.models import Account  # noqa: E402
from mail.store.accept import AcceptMessage  # noqa: E402
from mail.store.spool import ContentSpool  # noqa: E402
from mail.store.writer import writer  # noqa: E402
from tests.world.letters import letter, summary_of, to_inbox  # noqa: E402

RAW = letter("busy", b"0123456789abcdef\r\n" * 60_000)

account = Account.objects.get(pk=int(sys.argv[1]))
print("busy", flush=True)
while True:
    spool = ContentSpool(writer())
    for start in range(0, len(RAW), 64 * 1024):
        pending = spool.write(RAW[start : start + 64 * 1024])
        if pending is not None:
            pending.result()
            spool.settle()
    writer().submit(AcceptMessage(spool.finish(summary_of(RAW), b""), (to_inbox(account),))).result()
