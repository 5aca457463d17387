"""What every template knows: the host, the version, and where one can go from here."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from mail.models import Login
from moxsite.version import VERSION


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What the head and foot of each page show."""

    host: str
    version: str
    places: tuple[Place, ...]


_ACCOUNT_PLACES = (("Mail", "mail"), ("Sent", "sent"), ("Import & export", "import"), ("Account", "account"))


def site(request: HttpRequest) -> dict[str, Any]:
    """The context processor: `site` in every template."""
    return {"site": Site(settings.MOXSITE_HOSTNAME, VERSION, _places(request))}


def _places(request: HttpRequest) -> tuple[Place, ...]:
    login = getattr(request, "user", None)
    if not isinstance(login, Login) or not login.is_active:
        return ()
    section = _section(request)
    places = []
    if login.account_id is not None:
        places = [Place(label, reverse(name), section == name) for label, name in _ACCOUNT_PLACES]
    if login.is_staff:
        places.append(Place("Admin", reverse("admin:index"), section == "admin"))
    return tuple(places)


def _section(request: HttpRequest) -> str:
    """The part of the navigation that the present page belongs to: the first word of its URL's name."""
    match = request.resolver_match
    if match is None:
        return ""
    section = "admin" if match.app_name == "admin" else (match.url_name or "").partition("-")[0]
    return "import" if section == "export" else section
