"""When the last backup was made. Whoever copies the database by other means is not bothered."""

from typing import Final

from django.urls import reverse

from mail import clock
from moxsite.admin.cards.card import Card, Health
from moxsite.models import BackupRecord
from moxsite.pages.words import counted, size_text

OLD: Final = 8 * clock.DAY
"""Whoever makes one every week has missed one."""


def backups_card() -> Card:
    """The card."""
    url = reverse("admin:processes") + "#backups"
    last = BackupRecord.objects.first()
    if last is None:
        return Card("Backups", url, Health.UNKNOWN, "none known", "manage.py backup DIR makes one, any time.")
    age = clock.now() - last.moment
    text = f"The last one was made {_ago(age)}: {size_text(last.size)} in {last.folder}."
    if age >= OLD:
        return Card("Backups", url, Health.WATCH, "old", text, "Make one, and see why none was made")
    return Card("Backups", url, Health.FINE, "made", text)


def _ago(age: int) -> str:
    if age < clock.HOUR:
        return "within the last hour"
    return (
        f"{counted(age // clock.DAY, 'day') if age >= clock.DAY else counted(age // clock.HOUR, 'hour')} ago"
    )
