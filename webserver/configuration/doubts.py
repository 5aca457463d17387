"""What is no error in the list of handlers, but hardly what was meant."""

import os
from collections.abc import Mapping, Sequence

from mail.addresses.domain import display_domain
from webserver.configuration.rules import read_handler
from webserver.configuration.sections import own_hosts
from webserver.configuration.values import HandlerValue
from webserver.routing.values import RedirectSettings


def handler_doubts(handlers: Sequence[HandlerValue], redirects: Mapping[str, str]) -> list[tuple[int, str]]:
    """Sentences, each with the position of the handler that it is about. Looks at folders; not for loops."""
    own = own_hosts()
    found = []
    for position, value in enumerate(handlers):
        if value.disabled:
            continue
        shown = display_domain(value.domain)
        if value.domain in own:
            text = f"{shown} is this server itself: account and admin pages come first, and leave nothing"
            found.append((position, f"web handler {value.label} is never asked: {text}."))
        elif value.domain in redirects:
            text = f"the whole domain {shown} is redirected before"
            found.append((position, f"web handler {value.label} is never asked: {text}."))
        elif earlier := _takes_all(handlers[:position], value.domain):
            found.append((position, f"web handler {value.label} is never asked: {earlier} takes every path."))
        if back := _leads_back(value, redirects):
            found.append((position, f"web handler {value.label} and the redirect of {back} never end."))
        root = value.settings.get("root")
        if value.kind == "static" and isinstance(root, str) and not os.path.isdir(root):
            text = f"the folder {root} is not there, or can’t be seen by this user."
            found.append((position, f"web handler {value.label}: {text}"))
    return found


def _takes_all(before: Sequence[HandlerValue], domain: str) -> str:
    """The handler that leaves no path to those behind it."""
    for value in before:
        if value.disabled or value.domain != domain or value.path not in ("^", "^/"):
            continue
        if value.kind in ("forward", "internal"):
            return value.label
        if value.kind == "static" and not value.settings.get("continue_not_found"):
            return value.label
    return ""


def _leads_back(value: HandlerValue, redirects: Mapping[str, str]) -> str:
    """The domain to which the handler redirects, when that is redirected back here."""
    settings = read_handler(value).settings
    if not isinstance(settings, RedirectSettings) or settings.base_url is None:
        return ""
    host = settings.base_url.host
    at = host
    for _ in redirects:
        at = redirects.get(at, at)
    return display_domain(host) if at == value.domain and host in redirects else ""
