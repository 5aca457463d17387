"""The routes of accounts: looked up when needed, kept until the configuration changes."""

from delivery.configuration.sections import compile_routes
from delivery.models import Route as RouteRow
from delivery.routing.routes import Route
from mail.store import readers


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


def _read(account_id: int) -> tuple[Route, ...]:
    return compile_routes(RouteRow.objects.filter(account_id=account_id).select_related("transport"))
