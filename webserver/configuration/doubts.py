"""What is no error in the list of handlers, but hardly what was meant."""

import os
from collections.abc import Mapping, Sequence

from mail.addresses.domain import display_domain
from webserver.configuration.sections import own_hosts
from webserver.configuration.values import HandlerValue


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
