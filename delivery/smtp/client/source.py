"""From which of our own addresses connections leave."""

import ipaddress
import logging
import socket
from collections.abc import Sequence

from mail.ip_address import IPAddress

log = logging.getLogger(__name__)


def source_addresses(listening: Sequence[IPAddress]) -> tuple[str, ...]:
    """The address of each family that mail leaves from, given those at which mail is taken.

    What is published about this machine (SPF, reverse DNS) is about these. Of a family with several, or with
    all there are, none is chosen: then the system chooses. Loopback leads nowhere, and an address that this
    machine does not have, as on a worker elsewhere, is left out.
    """
    outside = [ip for ip in listening if not ip.is_loopback]
    families = [ip.version for ip in outside]
    chosen = [ip for ip in outside if families.count(ip.version) == 1 and not ip.is_unspecified]
    return tuple(str(ip) for ip in chosen if _is_here(ip))


def suits(own: str, ip: str) -> bool:
    """Whether a connection to `ip` can leave from `own`. A relay on an inner network may not answer a public
    address, and asks nobody about it.
    """
    source, target = ipaddress.ip_address(own), ipaddress.ip_address(ip)
    return source.version == target.version and (target.is_global or not source.is_global)


def _is_here(ip: IPAddress) -> bool:
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.bind((str(ip), 0))
    except OSError as error:
        fields = {"ip": str(ip), "reason": error.strerror}
        log.warning("mail can't leave from an address that is configured", extra={"fields": fields})
        return False
    return True
