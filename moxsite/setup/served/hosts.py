"""Which domain a host and path are about. Pure."""

from collections.abc import Container
from typing import Final

AUTOCONFIG_PATHS: Final = ("/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml")
AUTODISCOVER_PATH: Final = "/autodiscover/autodiscover.xml"
PROFILE_PATH: Final = "/profile.mobileconfig"
MTA_STS_PATH: Final = "/.well-known/mta-sts.txt"

_SETTINGS_PREFIXES: Final = ("autoconfig.", "autodiscover.", "")


def policy_domain(host: str, domains: Container[str]) -> str | None:
    """The domain whose MTA-STS policy this host serves: only mta-sts.DOMAIN does."""
    domain = host.removeprefix("mta-sts.")
    return domain if domain != host and domain in domains else None


def settings_domain(host: str, own_host: str, domains: Container[str]) -> str | None:
    """The domain whose client settings this host serves; "" for this machine's own name, which is for all."""
    for prefix in _SETTINGS_PREFIXES:
        domain = host.removeprefix(prefix)
        if (domain != host or not prefix) and domain in domains:
            return domain
    return "" if host == own_host else None
