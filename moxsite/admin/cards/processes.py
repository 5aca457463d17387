"""Whether all processes of this machine run."""

from django.conf import settings
from django.urls import reverse

from mail.metrics.files import collect
from moxsite.admin.cards.card import Card, Health
from moxsite.supervisor.roles import ROLES


def running_roles() -> dict[str, int]:
    """How many processes there are of each role."""
    return collect(settings.DATA / "run" / "metrics", frozenset()).roles


def missing_roles(running: dict[str, int]) -> list[str]:
    """Roles of serve that nobody plays here. A worker without a kind does the jobs of all."""
    workers = {"delivery", "background"} if "worker" in running else set()
    return [role.name for role in ROLES if role.name not in running and role.name not in workers]


def processes_card() -> Card:
    """The card."""
    running, url = running_roles(), reverse("admin:processes")
    missing = missing_roles(running)
    if missing:
        text = f"Not running on this machine: {', '.join(missing)}."
        return Card("Processes", url, Health.WRONG, "missing", text, "Start serve, or read its log")
    listed = ", ".join(f"{role} {count}" if count > 1 else role for role, count in sorted(running.items()))
    return Card("Processes", url, Health.FINE, "running", f"{listed}.")
