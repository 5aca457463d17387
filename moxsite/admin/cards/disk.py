"""How much room is left."""

import os
import shutil
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from django.urls import reverse

from moxsite.admin.cards.card import Card, Health
from moxsite.pages.words import size_text

_GB: Final = 1_000_000_000


def disk_card() -> Card:
    """The room where the data directory is, and what the database takes of it."""
    usage = shutil.disk_usage(settings.DATA)
    percent = usage.free * 100 // usage.total
    text = f"{size_text(usage.free)} of {size_text(usage.total)} are free ({percent} %)"
    text += f"; the database has {size_text(database_size())}."
    url = reverse("admin:processes") + "#machine"
    if usage.free < _GB // 2 or percent < 3:
        return Card("Disk", url, Health.WRONG, "full", text, "Make room: mail can’t be taken any more")
    if usage.free < 2 * _GB or percent < 10:
        return Card("Disk", url, Health.WATCH, "fills up", text, "Make room before mail can’t be taken")
    return Card("Disk", url, Health.FINE, "room", text)


def database_size() -> int:
    """Bytes of the database, whatever of it is in use."""
    if connection.vendor == "sqlite":
        path = str(connection.settings_dict["NAME"])
        return sum(os.path.getsize(path + end) for end in ("", "-wal") if Path(path + end).exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
