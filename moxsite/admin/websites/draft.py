"""What the page shows before it is saved: all of it stands in the form, nothing on the server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.http import QueryDict

from mail.addresses.domain import display_domain
from moxsite.admin.websites.handler_form import FORMS, SETTING, HandlerForm, stored_values
from webserver.configuration.values import WebConfiguration
from webserver.handlers.forward.kind import URLS
from webserver.handlers.kinds import KINDS
from webserver.models import WebHandler

MOST: Final = 1000
"""Redirects and handlers of one form; more is no form of ours."""


@dataclass(slots=True)
class RedirectRow:
    """A redirect as typed, and what is wrong with it."""

    key: int
    from_domain: str = ""
    to_domain: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class HandlerRow:
    """A handler as typed. `values` are those of its form’s fields; `form` shows them."""

    key: int
    kind: str
    values: dict[str, Any]
    form: HandlerForm
    is_open: bool = False

    @property
    def target(self) -> str:
        """Where requests end, as it is stored or typed."""
        names = {field.name: self.form[SETTING + field.name].value() for field in KINDS[self.kind].fields}
        settings = {name: value for name, value in names.items() if value}
        if isinstance(settings.get(URLS.name), str):
            settings[URLS.name] = [settings[URLS.name]]
        return KINDS[self.kind].target(settings)


@dataclass(slots=True)
class Draft:
    """The page’s content. `seen` is a digest of the configuration that it was made of."""

    seen: str
    redirects: list[RedirectRow]
    handlers: list[HandlerRow]

    def next_key(self) -> int:
        """A key that no row has."""
        keys = [row.key for row in self.redirects] + [row.key for row in self.handlers]
        return max(keys, default=0) + 1


def stored_draft(configuration: WebConfiguration, rows: list[WebHandler], seen: str) -> Draft:
    """The configuration as it is."""
    draft = Draft(seen, [], [])
    for start, to in sorted(configuration.redirects.items()):
        draft.redirects.append(RedirectRow(draft.next_key(), display_domain(start), display_domain(to)))
    for row in rows:
        values = stored_values(row.value, row.pk)
        draft.handlers.append(_shown(draft.next_key(), row.kind, values))
    return draft


def posted_draft(data: QueryDict, *, checked: bool) -> Draft:
    """What was sent. With `checked` the forms tell what is wrong with it."""
    redirects = [
        RedirectRow(key, data.get(f"r{key}-from", "").strip(), data.get(f"r{key}-to", "").strip())
        for key in _keys(data, "redirect")
    ]
    handlers = []
    for key in _keys(data, "handler"):
        kind = data.get(f"h{key}-kind", "")
        if kind not in KINDS:
            continue
        if checked:
            handlers.append(HandlerRow(key, kind, {}, FORMS[kind](data, prefix=f"h{key}", label_suffix="")))
        else:
            handlers.append(_shown(key, kind, _typed(data, key, kind)))
    return Draft(data.get("seen", ""), redirects, handlers)


def act(draft: Draft, action: str) -> None:
    """Do what a button says: “up 3”, “down 3”, “copy 3”, “remove 3”, “add static”, “unredirect 3”."""
    verb, _, argument = action.partition(" ")
    if verb == "add" and argument in KINDS:
        draft.handlers.append(
            _shown(draft.next_key(), argument, {"enabled": True, "path": "^/"}, is_open=True)
        )
    elif verb in _MOVES and argument.isdecimal():
        keys = [row.key for row in draft.handlers]
        if int(argument) in keys:
            _MOVES[verb](draft, keys.index(int(argument)))
    elif verb == "unredirect":
        draft.redirects = [row for row in draft.redirects if str(row.key) != argument]


def _move(draft: Draft, place: int, step: int) -> None:
    target = place + step
    if 0 <= target < len(draft.handlers):
        rows = draft.handlers
        rows[place], rows[target] = rows[target], rows[place]


def _copy(draft: Draft, place: int) -> None:
    original = draft.handlers[place]
    values = {
        **original.values,
        "name": "",
        "row": None,
        "source": original.values.get("row") or original.values.get("source"),
    }
    copy = _shown(draft.next_key(), original.kind, values, is_open=True)
    draft.handlers.insert(place + 1, copy)


def _remove(draft: Draft, place: int) -> None:
    del draft.handlers[place]


_MOVES: Final[Mapping[str, Callable[[Draft, int], None]]] = {
    "up": lambda draft, place: _move(draft, place, -1),
    "down": lambda draft, place: _move(draft, place, 1),
    "copy": _copy,
    "remove": _remove,
}


def _shown(key: int, kind: str, values: dict[str, Any], *, is_open: bool = False) -> HandlerRow:
    values = {**values, "kind": kind}
    form = FORMS[kind](initial=values, prefix=f"h{key}", label_suffix="")
    return HandlerRow(key, kind, values, form, is_open)


def _typed(data: QueryDict, key: int, kind: str) -> dict[str, Any]:
    """What stands in the fields, unchecked. A password is not kept."""
    found: dict[str, Any] = {}
    for name, each in FORMS[kind].base_fields.items():
        if isinstance(each, forms.BooleanField):
            found[name] = f"h{key}-{name}" in data
        elif name != "password":
            found[name] = data.get(f"h{key}-{name}")
    return found


def _keys(data: QueryDict, name: str) -> list[int]:
    texts = dict.fromkeys(data.getlist(name)[:MOST])
    return [int(text) for text in texts if text.isdecimal() and len(text) < 9]
