"""Whether a name is in DNS at all: asking the authority about one that is not only costs of its patience."""

import dns.exception
import dns.resolver
from django.conf import settings


def has_address(name: str) -> bool:
    """Whether there is an A or AAAA record. In doubt yes: the authority will tell more."""
    resolver = _resolver()
    for kind in ("A", "AAAA"):
        try:
            resolver.resolve(name, kind, search=False)
        except dns.resolver.NXDOMAIN:
            return False
        except dns.resolver.NoAnswer:
            continue
        except dns.exception.DNSException:
            return True
        else:
            return True
    return False


def _resolver() -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=settings.MOXSITE_RESOLVER is None)
    resolver.lifetime = 10.0
    if settings.MOXSITE_RESOLVER is not None:
        host, port = settings.MOXSITE_RESOLVER
        resolver.nameservers, resolver.port = [host], port
    return resolver
