"""How many files and connections a process may have open."""

import logging
import resource

log = logging.getLogger(__name__)


def allow_descriptors(wanted: int) -> None:
    """Raise the limit of this process to `wanted` descriptors, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        log.warning("few descriptors", extra={"fields": {"allowed": most, "wanted": wanted}})
