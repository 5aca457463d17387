"""Paths that belong to the system: no redirect or handler can take them away."""

import enum
from typing import Final

from webserver.routing.values import WebSnapshot

ACME_PREFIX: Final = "/.well-known/acme-challenge/"
MTA_STS_PATH: Final = "/.well-known/mta-sts.txt"
MTA_STS_PREFIX: Final = "mta-sts."


class SystemEndpoint(enum.Enum):
    """What the system answers by itself; the value says it to people."""

    ACME = "challenge of a certificate authority"
    MTA_STS = "MTA-STS policy of a mail domain"
    AUTOCONFIG = "settings of mail programs (Thunderbird)"
    AUTODISCOVER = "settings of mail programs (Outlook)"
    APPLE_PROFILE = "settings of mail programs (Apple profile)"


SETTINGS_PATHS: Final = {
    "/mail/config-v1.1.xml": SystemEndpoint.AUTOCONFIG,
    "/.well-known/autoconfig/mail/config-v1.1.xml": SystemEndpoint.AUTOCONFIG,
    "/autodiscover/autodiscover.xml": SystemEndpoint.AUTODISCOVER,
    "/Autodiscover/Autodiscover.xml": SystemEndpoint.AUTODISCOVER,
    "/profile.mobileconfig": SystemEndpoint.APPLE_PROFILE,
}
_SETTINGS_PREFIXES: Final = ("autoconfig.", "autodiscover.")


def system_endpoint(web: WebSnapshot, host: str, path: str) -> SystemEndpoint | None:
    """What this host and cleaned path are for, if for the system.

    Challenges are answered at every host (RFC 8555 section 8.3), policies only at mta-sts.DOMAIN of a hosted
    domain (RFC 8461 section 3.3), and settings of mail programs where `settings_domain` is known.
    """
    settings = SETTINGS_PATHS.get(path)
    if settings is not None:
        return None if settings_domain(web, host) is None else settings
    if not path.startswith("/.well-known/"):
        return None
    if path.startswith(ACME_PREFIX) and len(path) > len(ACME_PREFIX):
        return SystemEndpoint.ACME
    if path == MTA_STS_PATH and host.startswith(MTA_STS_PREFIX):
        return SystemEndpoint.MTA_STS if host[len(MTA_STS_PREFIX) :] in web.mail_domains else None
    return None


def settings_domain(web: WebSnapshot, host: str) -> str | None:
    """The mail domain whose settings this host serves: by its own name or that of autoconfig.

    "" for hosts of this server itself, which serve those of every domain; None for all others.
    """
    if host in web.mail_domains:
        return host
    for prefix in _SETTINGS_PREFIXES:
        domain = host.removeprefix(prefix)
        if domain != host and domain in web.mail_domains:
            return domain
    return "" if host in web.own_hosts else None


def is_own_host(web: WebSnapshot, host: str, *, is_ip: bool) -> bool:
    """Whether account and admin pages are at this host."""
    return is_ip or host in web.own_hosts
