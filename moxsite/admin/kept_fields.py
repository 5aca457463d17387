"""What was typed into a form, kept on the page between the form and saving. Passwords only sealed."""

import base64
import binascii
from typing import Final

from django.http import HttpRequest

from mail.configuration.sealed import installation_seal
from mail.secrets import SealBroken

_SECRET: Final = "password"
_SEALED: Final = "_sealed_"


def kept_fields(request: HttpRequest, *, leave_out: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names and values of hidden fields that send the form once more."""
    kept = []
    for name, values in request.POST.lists():
        if name == "csrfmiddlewaretoken" or name in leave_out:
            continue
        for value in values:
            text = str(value)
            kept.append(_sealed(request, name, text) if name.endswith(_SECRET) and text else (name, text))
    return kept


def with_opened_secrets(request: HttpRequest) -> None:
    """Put the passwords that `kept_fields` sealed back among the fields; others' seals are worth nothing."""
    found = {name: value for name, value in request.POST.items() if name.startswith(_SEALED)}
    if not found:
        return
    fields = request.POST.copy()
    for name, value in found.items():
        del fields[name]
        plain = _opened(request, name.removeprefix(_SEALED), str(value))
        if plain is not None:
            fields[name.removeprefix(_SEALED)] = plain
    request.POST = fields  # type: ignore[assignment]  # a mutable one, which forms do not mind


def _sealed(request: HttpRequest, name: str, value: str) -> tuple[str, str]:
    sealed = installation_seal().seal(value, _context(request, name))
    return f"{_SEALED}{name}", base64.b64encode(sealed).decode()


def _opened(request: HttpRequest, name: str, value: str) -> str | None:
    try:
        return installation_seal().open(base64.b64decode(value), _context(request, name)).decode()
    except (SealBroken, binascii.Error, ValueError):
        return None


def _context(request: HttpRequest, name: str) -> str:
    """A value is good for one person on one page."""
    return f"kept {name} of {request.user.get_username()} at {request.path}"
