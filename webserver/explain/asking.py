"""What a handler would do, with a look at what is not known from the configuration alone."""

import os
from dataclasses import replace
from typing import Final

from webserver.handlers.kinds import outcome
from webserver.handlers.outcome import Outcome
from webserver.routing.request import Request
from webserver.routing.values import ForwardSettings, Handler, StaticSettings

_INDEX: Final = "index.html"


def ask(handler: Handler, request: Request) -> Outcome:
    """Look at the files of a static handler, and say of a forward whether a websocket is asked for."""
    found = outcome(handler, request)
    if isinstance(handler.settings, StaticSettings) and found.takes and found.target:
        return _look(handler.settings, found, request)
    if isinstance(handler.settings, ForwardSettings) and _is_upgrade(request):
        return replace(found, reason=f"{found.reason}, as a websocket")
    return found


def _is_upgrade(request: Request) -> bool:
    tokens = request.headers.get("upgrade", "").lower().split(",")
    return "websocket" in (token.strip() for token in tokens)


def _look(settings: StaticSettings, found: Outcome, request: Request) -> Outcome:
    path = found.target
    if "\0" in path:
        return _missing(settings, found, "no file has such a name")
    if not settings.follow_symlinks and not _is_inside(settings.root, path):
        return _missing(settings, found, f"{path} is a link out of {settings.root}")
    if os.path.isdir(path):
        return _folder(settings, found, request)
    if path.endswith("/") or not os.path.isfile(path):
        return _missing(settings, found, f"there is no file {path.rstrip('/')}")
    if not os.access(path, os.R_OK):
        return replace(found, reason=f"{path} can’t be read: answers 403", status=403)
    return replace(found, status=200)


def _folder(settings: StaticSettings, found: Outcome, request: Request) -> Outcome:
    if not request.path.decoded.endswith("/"):
        target = request.path.raw + "/" + (f"?{request.query}" if request.query else "")
        return Outcome(True, "redirects to the folder", target, 307)
    index = os.path.join(found.target, _INDEX)
    if os.path.isfile(index):
        return Outcome(True, "serves the page of the folder", index, 200)
    if settings.list_files:
        return Outcome(True, "lists the folder", found.target, 200)
    if settings.continue_not_found:
        return Outcome(False, f"{found.target} has no {_INDEX}, and it continues when nothing is found")
    return Outcome(True, f"{found.target} has no {_INDEX} and is not listed: answers 403", status=403)


def _missing(settings: StaticSettings, found: Outcome, reason: str) -> Outcome:
    if settings.continue_not_found:
        return Outcome(False, f"{reason}, and it continues when nothing is found")
    return Outcome(True, f"{reason}: answers 404", status=404)


def _is_inside(root: str, path: str) -> bool:
    real = os.path.realpath(root)
    return os.path.commonpath([real, os.path.realpath(path)]) == real
