"""The pages below another path than the root of a host, where an internal web handler places them."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from django.contrib.staticfiles.storage import StaticFilesStorage
from django.urls import get_script_prefix

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

_FIELD: Final = b"x-forwarded-prefix"


class Mounted:
    """Tells the application where it is mounted, as the edge says, which alone reaches the pages process.

    daphne would take that from a header of its own that anybody can send.
    """

    def __init__(self, application: Any) -> None:
        self._application: Application = application

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        prefix = next((value for name, value in scope["headers"] if name == _FIELD), b"")
        mounted = prefix.decode("latin-1").rstrip("/")
        await self._application({**scope, "root_path": mounted}, receive, send)


class MountedStatic(StaticFilesStorage):
    """Static files of pages that are mounted elsewhere are mounted with them."""

    def url(self, name: str | None, force: bool = False) -> str:
        found: str = super().url(name)
        return get_script_prefix().rstrip("/") + found
