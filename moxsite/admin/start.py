"""The admin's start page: is everything all right, and where does one go."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, Model, OuterRef, Q
from django.urls import reverse

from delivery.models import HoldRule, QueuedRecipient, Route, State, Suppression, Transport
from delivery.queue.figures import LATE, queue_figures
from mail import clock
from mail.addresses.domain import display_domain
from mail.models import Account, Alias, Destination, Domain, Login, LogLevel
from moxsite.admin.cards.all_cards import cards
from moxsite.admin.cards.card import Health
from moxsite.admin.domain_dns import domain_dns_url
from moxsite.admin.limits import STEP, limit_findings
from moxsite.admin.navigation import SECTIONS, AdminPage
from moxsite.admin.sparkline import last_day, sparkline
from moxsite.pages.words import counted
from moxsite.setup.models import DomainCheck

_NAMED = 5
_LISTED: Final[dict[str, type[Model]]] = {
    "Domains": Domain,
    "Accounts": Account,
    "Aliases": Alias,
    "Logins": Login,
    "Transports": Transport,
    "Hold rules": HoldRule,
    "Suppressions": Suppression,
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
    """A page of the admin with a figure about what it holds; None for one that lists nothing."""

    page: AdminPage
    count: int | None


def start_context() -> dict[str, Any]:
    """What the template shows: findings, the queue in figures, and all pages."""
    queue, stated = queue_counts(), cards()
    return {
        "findings": [*_without_addresses(), *_without_login(), *_dns_errors(), *_near_limits()],
        "cards": stated,
        "all_fine": all(card.health >= Health.FINE for card in stated),
        "queue": queue,
        "sparkline": sparkline(last_day()),
        "queue_url": reverse("admin:delivery_queuedrecipient_changelist"),
        "sections": [
            (title, [Tile(page, _count(page)) for page in pages]) for title, pages in SECTIONS.items()
        ],
    }


def queue_counts() -> dict[str, int]:
    """Recipients that wait, are held and are late, and those settled within the last 24 hours."""
    figures = queue_figures()
    settled = QueuedRecipient.objects.filter(settled__gte=clock.now() - clock.DAY)
    late = QueuedRecipient.objects.filter(state=State.WAITING, held=False, due__lt=clock.now() - LATE)
    return {
        "waiting": figures.waiting,
        "on_hold": figures.held,
        "late": late.count(),
        **settled.aggregate(
            delivered=Count("id", filter=Q(state=State.DELIVERED)),
            failed=Count("id", filter=Q(state=State.FAILED)),
        ),
    }


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


def _dns_errors() -> list[Finding]:
    kept = DomainCheck.objects.filter(errors__gt=0, domain__disabled=False).select_related("domain")
    return [
        Finding(
            f"The DNS records of {display_domain(one.domain.name)} have {counted(one.errors, 'error')}.",
            "See what is wrong",
            domain_dns_url(one.domain),
        )
        for one in kept.order_by("domain__name")[:_NAMED]
    ]


def _near_limits() -> list[Finding]:
    return [Finding(found.text, STEP, found.url) for found in limit_findings() if not found.reached]


def _count(page: AdminPage) -> int | None:
    """How many rows the page lists, if it lists any."""
    match page.label:
        case "Queue":
            figures = queue_figures()
            return figures.waiting + figures.held
        case "Routes":
            return Route.objects.filter(account=None, domain=None).count()
    listed = _LISTED.get(page.label)
    return None if listed is None else listed._default_manager.count()
