"""The web configuration with something for each handler that takes its requests."""

from webserver.handlers.forward.serving.checks import Checks
from webserver.handlers.forward.serving.pools import Pools
from webserver.handlers.forward.serving.service import ForwardService, OnUpgrade
from webserver.handlers.internal.serving import InternalService
from webserver.handlers.redirect.serving import RedirectService
from webserver.handlers.serving.service import Service
from webserver.handlers.static.serving.service import Files, StaticService
from webserver.routing.values import (
    Backend,
    ForwardSettings,
    Handler,
    InternalSettings,
    RedirectSettings,
    StaticSettings,
    WebSnapshot,
)


class Compiler:
    """Makes services. Event loop only."""

    def __init__(
        self,
        pages: Backend,
        upgrade: OnUpgrade | None = None,
        pools: Pools | None = None,
    ) -> None:
        self._pages = pages
        self._upgrade = upgrade
        self.pools = pools or Pools()
        self.files = Files()
        self.checks = Checks(self.pools)

    def services(self, web: WebSnapshot) -> dict[int, Service]:
        """The services of all handlers, by the handlers' ids."""
        self.files.memory.clear()
        made = {handler.id: self._service(handler) for handler in web.handlers}
        backends = [
            backend
            for handler in web.handlers
            if isinstance(handler.settings, ForwardSettings)
            for backend in handler.settings.backends
        ]
        self.checks.follow(web)
        self.pools.keep_only([self._pages, *backends])
        return made

    def close(self) -> None:
        """End what the services share."""
        self.checks.close()
        self.pools.close()
        self.files.close()

    def pages(self, handler: Handler) -> ForwardService:
        """What passes requests to the pages process."""
        assert isinstance(handler.settings, ForwardSettings)
        return ForwardService(handler, handler.settings, self.pools)

    def _service(self, handler: Handler) -> Service:
        match handler.settings:
            case StaticSettings() as settings:
                return StaticService(handler, settings, self.files)
            case RedirectSettings() as settings:
                return RedirectService(settings)
            case ForwardSettings() as settings:
                return ForwardService(handler, settings, self.pools, self._upgrade)
            case InternalSettings() as settings:
                return InternalService(handler, settings, self._pages, self.pools)
