"""Paths that belong to the system: no redirect or handler can take them away."""

import enum
from typing import Final

from webserver.routing.values import WebSnapshot

ACME_PREFIX: Final = "/.well-known/acme-challenge/"
MTA_STS_PATH: Final = "/.well-known/mta-sts.txt"
MTA_STS_PREFIX: Final = "mta-sts."
SETTINGS_PREFIXES: Final = ("autoconfig.", "autodiscover.")
SETTINGS_PATHS: Final = frozenset(
    {
        "/mail/config-v1.1.xml",
        "/.well-known/autoconfig/mail/config-v1.1.xml",
        "/autodiscover/autodiscover.xml",
        "/profile.mobileconfig",
    }
)


class SystemEndpoint(enum.Enum):
    """What the system answers by itself; the value says it to people."""

    ACME = "challenge of a certificate authority"
    MTA_STS = "MTA-STS policy of a mail domain"
    CLIENT_SETTINGS = "settings for mail programs of a mail domain"


def system_endpoint(web: WebSnapshot, host: str, path: str) -> SystemEndpoint | None:
    """What this host and cleaned path are for, if for the system.

    Challenges are answered at every host (RFC 8555 section 8.3), policies only at mta-sts.DOMAIN of a hosted
    domain (RFC 8461 section 3.3), settings at autoconfig.DOMAIN, autodiscover.DOMAIN, DOMAIN
    and at the hosts of this server itself.
    """
    if path.lower() in SETTINGS_PATHS:
        names = (host, *(host.removeprefix(prefix) for prefix in SETTINGS_PREFIXES))
        served = host in web.own_hosts or web.mail_domains.intersection(names)
        return SystemEndpoint.CLIENT_SETTINGS if served else None
    if not path.startswith("/.well-known/"):
        return None
    if path.startswith(ACME_PREFIX) and len(path) > len(ACME_PREFIX):
        return SystemEndpoint.ACME
    if path == MTA_STS_PATH and host.startswith(MTA_STS_PREFIX):
        return SystemEndpoint.MTA_STS if host[len(MTA_STS_PREFIX) :] in web.mail_domains else None
    return None


def is_own_host(web: WebSnapshot, host: str, *, is_ip: bool) -> bool:
    """Whether account and admin pages are at this host."""
    return is_ip or host in web.own_hosts


def is_served_host(web: WebSnapshot, host: str) -> bool:
    """Whether anything is answered at this host but the challenges of certificate authorities."""
    if host in web.own_hosts or host in web.mail_domains:
        return True
    if not web.hosts.isdisjoint((host, "*." + host.partition(".")[2])):
        return True
    return any(
        host.removeprefix(prefix) in web.mail_domains
        for prefix in (MTA_STS_PREFIX, *SETTINGS_PREFIXES)
        if host.startswith(prefix)
    )
