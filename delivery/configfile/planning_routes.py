"""Changes of routes. The list of a level is replaced as a whole: its order is its meaning."""

from difflib import SequenceMatcher
from functools import partial

from delivery.configfile.values import GLOBAL, DeliveryConfiguration, Level, RouteValue
from delivery.models import Route, Transport
from delivery.routing import routes as routing
from delivery.routing.patterns import parse_patterns
from mail.configfile.section import Change, Phase
from mail.models import Account, Domain


def plan_routes(stored: DeliveryConfiguration, wanted: DeliveryConfiguration) -> list[Change]:
    """One line for each route that comes or goes; one that moves does both."""
    changes = []
    for level in sorted({*stored.routes, *wanted.routes}):
        old, new = stored.routes.get(level, ()), wanted.routes.get(level, ())
        if old != new:
            changes += [Change(Phase.ROUTES, line, _nothing) for line in _lines(level, old, new)]
            changes.append(Change(Phase.RELEASE, "", partial(_remove, level)))
            changes.append(Change(Phase.ROUTES, "", partial(_add, level, new)))
    return changes


def _lines(level: Level, old: tuple[RouteValue, ...], new: tuple[RouteValue, ...]) -> list[str]:
    lines = []
    for _, old_start, old_end, new_start, new_end in _replaced(old, new):
        for number in range(old_start, old_end):
            lines.append(f"- {_name(level, number + 1)}: {_described(old[number])}")
        for number in range(new_start, new_end):
            lines.append(f"+ {_name(level, number + 1)}: {_described(new[number])}")
    return lines


def _replaced(
    old: tuple[RouteValue, ...], new: tuple[RouteValue, ...]
) -> list[tuple[str, int, int, int, int]]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    return [step for step in matcher.get_opcodes() if step[0] != "equal"]


def _name(level: Level, number: int) -> str:
    kind, name = level
    return f"global route {number}" if level == GLOBAL else f"route {number} of {kind} {name}"


def _described(value: RouteValue) -> str:
    route = routing.Route(
        position=0,
        from_domains=parse_patterns(value.from_domains),
        to_domains=parse_patterns(value.to_domains),
        minimum_attempts=value.minimum_attempts,
        transport=value.transport,
    )
    return f"{route.describe()} through {value.transport}"


def _nothing() -> None:
    """Lines of the diff whose work is done for the whole level."""


def _remove(level: Level) -> None:
    kind, name = level
    if level == GLOBAL:
        rows = Route.objects.filter(account__isnull=True, domain__isnull=True)
    elif kind == "account":
        rows = Route.objects.filter(account__name=name)
    else:
        rows = Route.objects.filter(domain__name=name)
    rows.delete()


def _add(level: Level, values: tuple[RouteValue, ...]) -> None:
    kind, name = level
    account = Account.objects.get(name=name) if kind == "account" and values else None
    domain = Domain.objects.get(name=name) if kind == "domain" and values else None
    transports = {row.name: row for row in Transport.objects.all()} if values else {}
    for position, value in enumerate(values):
        Route.objects.create(
            account=account,
            domain=domain,
            position=position,
            from_domains=list(value.from_domains),
            to_domains=list(value.to_domains),
            minimum_attempts=value.minimum_attempts,
            transport=transports[value.transport],
        )
