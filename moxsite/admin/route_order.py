"""The order of routes: a rule moves up or down among those of its domain, its account, or the global ones."""

from typing import Final, Literal

from django.db import transaction
from django.db.models import QuerySet

from delivery.models import Route
from mail.audit_trail import Action, tell

Direction = Literal["up", "down"]
_STEP: Final = {"up": -1, "down": 1}


def routes_beside(route: Route) -> QuerySet[Route]:
    """The routes that are walked together with this one, itself included, in their order."""
    beside = Route.objects.filter(account=route.account, domain=route.domain)
    return beside.order_by("position", "id")


@transaction.atomic
def move_route(route: Route, direction: Direction) -> None:
    """Exchange a route with the one before or after it; all of them are numbered from 1 again.

    At the end of the list nothing moves.
    """
    order = list(routes_beside(route).select_for_update())
    place = next((index for index, other in enumerate(order) if other.pk == route.pk), None)
    if place is None:
        return
    target = place + _STEP[direction]
    if 0 <= target < len(order):
        order[place], order[target] = order[target], order[place]
    number(order)


def number(order: list[Route]) -> None:
    """Give routes the positions 1, 2, 3 … in the order of the list. Rows that have theirs are not written."""
    for position, route in enumerate(order, 1):
        if route.position != position:
            Route.objects.filter(pk=route.pk).update(position=position)
            changes = {"position": (route.position, position)}
            tell(Action.CHANGED, str(Route._meta.verbose_name), str(route), changes)


def next_position(route: Route) -> int:
    """The position behind all others."""
    last = routes_beside(route).exclude(pk=route.pk).values_list("position", flat=True).last()
    return 1 if last is None else last + 1
