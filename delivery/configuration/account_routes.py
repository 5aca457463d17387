"""The routes of accounts: looked up when needed, kept until the configuration changes."""

from typing import Protocol

from delivery.configuration.sections import compile_routes
from delivery.models import Route as RouteRow
from delivery.routing.routes import Route
from mail.store import readers


class RoutesOfAccounts(Protocol):
    """Where the routes of accounts come from."""

    def of(self, account_id: int, generation: int) -> tuple[Route, ...]:
        """The routes of an account at this generation of the configuration."""


class AccountRoutes:
    """A cache for the threads of one process."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._generation = -1
        self._routes: dict[int, tuple[Route, ...]] = {}

    def of(self, account_id: int, generation: int) -> tuple[Route, ...]:
        """The routes of an account at this generation of the configuration. Not for event loops."""
        if generation != self._generation or len(self._routes) >= self._size:
            self._routes, self._generation = {}, generation
        routes = self._routes
        if account_id not in routes:
            routes[account_id] = readers.run(_read, account_id).result()
        return routes[account_id]


class AccountRoutesHere:
    """Reads in the caller's thread and transaction, and so sees what is not committed yet."""

    def __init__(self) -> None:
        self._routes: dict[int, tuple[Route, ...]] | None = None

    def of(self, account_id: int, generation: int) -> tuple[Route, ...]:
        """The routes of an account as the transaction has them at the first call."""
        if self._routes is None:
            rows: dict[int, list[RouteRow]] = {}
            for row in RouteRow.objects.filter(account__isnull=False).select_related("transport"):
                assert row.account_id is not None
                rows.setdefault(row.account_id, []).append(row)
            self._routes = {owner: compile_routes(own) for owner, own in rows.items()}
        return self._routes.get(account_id, ())


def _read(account_id: int) -> tuple[Route, ...]:
    return compile_routes(RouteRow.objects.filter(account_id=account_id).select_related("transport"))
