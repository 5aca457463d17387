"""Whether what comes round again comes round."""

from django.urls import reverse

from mail.models import PeriodicJob
from moxsite.admin.cards.card import Card, Health
from moxsite.pages.words import counted


def jobs_card() -> Card | None:
    """The card; none before any job was due."""
    jobs = list(PeriodicJob.objects.order_by("name"))
    if not jobs:
        return None
    url = reverse("admin:processes") + "#jobs"
    failed = [job for job in jobs if job.last_error]
    if failed:
        text = f"{failed[0].name} failed the last time: {_line(failed[0].last_error)}."
        return Card("Regular jobs", url, Health.WATCH, f"{len(failed)} failed", text, "See all jobs")
    return Card("Regular jobs", url, Health.FINE, "done", f"{counted(len(jobs), 'job')} ended well.")


def _line(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= 160 else f"{line[:160]}…"
