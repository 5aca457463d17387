"""Which cards there are."""

import logging
from collections.abc import Callable
from typing import Final

from moxsite.admin.cards.backups import backups_card
from moxsite.admin.cards.card import Card, Health
from moxsite.admin.cards.certificates import certificates_card
from moxsite.admin.cards.disk import disk_card
from moxsite.admin.cards.dns import dns_card
from moxsite.admin.cards.jobs import jobs_card
from moxsite.admin.cards.limits import limits_card
from moxsite.admin.cards.log_ins import log_ins_card
from moxsite.admin.cards.processes import processes_card
from moxsite.admin.cards.version import version_card

log = logging.getLogger(__name__)

CARDS: Final[tuple[Callable[[], Card | None], ...]] = (
    processes_card,
    certificates_card,
    dns_card,
    limits_card,
    log_ins_card,
    backups_card,
    jobs_card,
    disk_card,
    version_card,
)
"""Each gives its card as things stand, or None where there is nothing to say."""


def cards() -> list[Card]:
    """What is wrong stands first, and else the order of the table."""
    found = [card for make in CARDS if (card := _made(make)) is not None]
    return sorted(found, key=lambda card: min(card.health, Health.FINE))


def _made(make: Callable[[], Card | None]) -> Card | None:
    """A card that can't be made keeps nobody from seeing the others."""
    try:
        return make()
    except Exception:
        log.exception("a card of the start page could not be made", extra={"fields": {"card": make.__name__}})
        return None
