"""Sending the forms of the admin, as a browser does."""

import re
from html import unescape
from typing import Any

from django.test import Client

_FIELD = re.compile(r"<input([^>]*)>")
_SELECT = re.compile(r'<select name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


def fields_of(client: Client, url: str) -> dict[str, str]:
    """What a browser would send if nothing was typed into the change form at `url`."""
    text = client.get(url).content.decode()
    form = text[text.index('id="content-main"') :]
    values: dict[str, str] = {}
    for attributes in _FIELD.findall(form):
        found = {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
        kind = found.get("type", "text")
        if "name" not in found or kind == "submit" or "__prefix__" in found["name"]:
            continue
        if kind != "checkbox" or "checked" in found:
            values[found["name"]] = found.get("value", "on" if kind == "checkbox" else "")
    for name, options in _SELECT.findall(form):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    values.pop("csrfmiddlewaretoken", None)
    return values


def fill_in(client: Client, url: str, **typed: str) -> Any:
    """Open a form, type into some fields, and save."""
    return client.post(url, {**fields_of(client, url), **typed, "_save": "Save"})


def errors_of(response: Any) -> list[str]:
    """All errors that the page shows."""
    found = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', response.content.decode(), re.DOTALL)
    return [unescape(error) for each in found for error in re.findall(r"<li>(.*?)</li>", each, re.DOTALL)]
