"""The admin's start page: is everything all right, and where does one go."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, Min, Model, OuterRef, Q
from django.urls import reverse

from delivery.models import QueuedRecipient, Route, State, Transport
from mail import clock
from mail.addresses.domain import display_domain
from mail.models import Account, Alias, Destination, Domain, Login, LogLevel
from moxsite.admin.navigation import SECTIONS, AdminPage
from moxsite.pages.words import counted, duration_text

LATE_AFTER = 5 * clock.MINUTE
"""How long mail may be due before that is worth a word."""

_NAMED = 5
_LISTED: Final[dict[str, type[Model]]] = {
    "Domains": Domain,
    "Accounts": Account,
    "Aliases": Alias,
    "Logins": Login,
    "Transports": Transport,
    "Log levels": LogLevel,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be, and where to do something about it."""

    text: str
    step: str
    url: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A page of the admin with a figure about what it holds."""

    page: AdminPage
    count: int


def start_context() -> dict[str, Any]:
    """What the template shows: findings, the queue in figures, and all pages."""
    queue = queue_figures()
    return {
        "findings": [*_late_mail(queue), *_without_addresses(), *_without_login()],
        "queue": queue,
        "queue_url": reverse("admin:delivery_queuedrecipient_changelist"),
        "sections": [
            (title, [Tile(page, _count(page)) for page in pages]) for title, pages in SECTIONS.items()
        ],
    }


def queue_figures() -> dict[str, Any]:
    """Recipients by state: now waiting and held, and settled within the last 24 hours."""
    now = clock.now()
    recent = Q(settled__gte=now - clock.DAY)
    active = Q(state=State.WAITING, held=False)
    return QueuedRecipient.objects.aggregate(
        waiting=Count("id", filter=active),
        on_hold=Count("id", filter=Q(state=State.WAITING, held=True)),
        late=Count("id", filter=active & Q(due__lt=now - LATE_AFTER)),
        oldest_due=Min("due", filter=active),
        delivered=Count("id", filter=Q(state=State.DELIVERED) & recent),
        failed=Count("id", filter=Q(state=State.FAILED) & recent),
    )


def _late_mail(queue: dict[str, Any]) -> list[Finding]:
    if not queue["late"]:
        return []
    overdue = duration_text(clock.now() - queue["oldest_due"])
    return [
        Finding(
            f"Mail to {counted(queue['late'], 'recipient')} is late; the oldest has been due for {overdue}.",
            "See whether a worker is running, then look at the queue",
            reverse("admin:delivery_queuedrecipient_changelist") + "?state=late",
        )
    ]


def _without_addresses() -> list[Finding]:
    owned = Exists(Destination.objects.filter(domain=OuterRef("pk")))
    empty = Domain.objects.filter(~owned, disabled=False)[:_NAMED]
    return [
        Finding(
            f"{display_domain(domain.name)} has no address: all mail to it is refused.",
            "Add an address to an account",
            reverse("admin:mail_account_changelist"),
        )
        for domain in empty
    ]


def _without_login() -> list[Finding]:
    known = Exists(Login.objects.filter(account=OuterRef("pk")))
    return [
        Finding(
            f"Nobody can log in to account {account.name}.",
            "Make a login for it",
            reverse("admin:mail_account_change", args=[account.pk]),
        )
        for account in Account.objects.filter(~known, login_disabled="")[:_NAMED]
    ]


def _count(page: AdminPage) -> int:
    """How many rows the page lists."""
    match page.label:
        case "Queue":
            return QueuedRecipient.objects.filter(state=State.WAITING).count()
        case "Routes":
            return Route.objects.filter(account=None, domain=None).count()
    return _LISTED[page.label]._default_manager.count()
