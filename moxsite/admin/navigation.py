"""The pages of the admin, in the order in which they stand in its navigation and on its start page."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True, slots=True)
class AdminPage:
    """A page of the admin: its label, the name of its URL, and what it is for."""

    label: str
    url_name: str
    purpose: str

    @property
    def url(self) -> str:
        """Where it is."""
        return reverse(f"admin:{self.url_name}")

    @property
    def prefix(self) -> str:
        """What the names of all URLs of the page start with."""
        return self.url_name.removesuffix("changelist")


SECTIONS: Final = {
    "Directory": (
        AdminPage("Domains", "mail_domain_changelist", "Domains whose mail this server receives."),
        AdminPage("Accounts", "mail_account_changelist", "People and purposes: addresses and limits."),
        AdminPage("Aliases", "mail_alias_changelist", "Addresses that deliver to several others."),
        AdminPage("Logins", "mail_login_changelist", "Who can log in, and to what."),
    ),
    "Sending": (
        AdminPage("Transports", "delivery_transport_changelist", "Ways to hand mail to the next server."),
        AdminPage("Routes", "delivery_route_changelist", "Rules that pick the transport of each attempt."),
        AdminPage("Explain", "explain", "Which way a message would take, and why."),
        AdminPage("Queue", "delivery_queuedrecipient_changelist", "Mail on its way, and what became of it."),
        AdminPage("Hold rules", "delivery_holdrule_changelist", "Mail that waits until somebody looks."),
        AdminPage(
            "Suppressions", "delivery_suppression_changelist", "Addresses that accounts don’t write to."
        ),
    ),
    "Web": (
        AdminPage("Websites", "websites", "Redirects and handlers, in the order in which they are asked."),
        AdminPage("Explain a URL", "explain_url", "Who would answer a URL, and why."),
        AdminPage("Backends", "backends", "Where requests are forwarded to, and how that is doing."),
        AdminPage("Websockets", "websockets", "Connections that are being forwarded now."),
    ),
    "Health": (
        AdminPage("DNS", "dns", "Records that the domains need, and whether they are published."),
        AdminPage("Certificates", "certificates", "Which are in use, and until when."),
        AdminPage("Processes", "processes", "What runs, regular jobs, and the machine."),
        AdminPage("Log-ins", "mail_loginattempt_changelist", "Who logged in, and who guessed at passwords."),
        AdminPage("Audit log", "moxsite_auditentry_changelist", "Who changed what in the configuration."),
        AdminPage("History", "configuration_history", "Earlier configurations, compared and restored."),
        AdminPage("Log levels", "mail_loglevel_changelist", "How much each part of the server logs."),
    ),
}


def _current(name: str) -> AdminPage | None:
    """The page that the URL of this name belongs to: of several whose name it begins with, the longest."""
    pages = [page for section in SECTIONS.values() for page in section if name.startswith(page.prefix)]
    return max(pages, key=lambda page: len(page.prefix), default=None)


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link of the admin's navigation."""

    label: str
    url: str
    current: bool


def navigation(request: HttpRequest) -> list[NavigationEntry]:
    """The start page and all others; the one that the request is for is marked."""
    match = request.resolver_match
    name = match.url_name if match is not None and match.url_name else ""
    entries = [NavigationEntry("Start", reverse("admin:index"), name == "index")]
    current = _current(name)
    for pages in SECTIONS.values():
        entries.extend(NavigationEntry(page.label, page.url, page is current) for page in pages)
    return entries
