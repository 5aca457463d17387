"""A second process: guesses at a password, as many as it is told, and ends."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moxsite.settings")

import django

django.setup()

from mail.guard.attempts import Protocol  # noqa: E402
from mail.guard.guard import guard, stop_guard  # noqa: E402
from mail.guard.trying import Trying  # noqa: E402
from mail.store.readers import stop_readers  # noqa: E402
from mail.store.writer import stop_writer  # noqa: E402

ip, name, times = sys.argv[1:]
for _ in range(int(times)):
    trying = Trying(guard(), ip, Protocol.SMTP, "PLAIN", name)
    trying.check()
    trying.failed()
stop_guard()
stop_writer()
stop_readers()
