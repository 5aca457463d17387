"""Whether all processes of this machine run."""

from typing import Final

from django.conf import settings
from django.urls import reverse

from mail.metrics.files import collect
from moxsite.admin.cards.card import Card, Health
from moxsite.supervisor.roles import ROLES

EDGE_ROLE: Final = "web"
PAGES_ROLE: Final = "pages"


# As the metrics call what serve has other names for.
_COUNTED_AS: Final = {"edge": EDGE_ROLE, "web": PAGES_ROLE}


def running_roles() -> dict[str, int]:
    """How many processes there are of each role, by the names that serve has for them."""
    counted = collect(settings.DATA / "run" / "metrics", frozenset()).roles
    return {_COUNTED_AS.get(role, role): count for role, count in counted.items()}


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
