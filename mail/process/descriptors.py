"""How many files and connections a process may have open."""

import logging
import resource

log = logging.getLogger(__name__)


def allow_descriptors(wanted: int, *, at_most: int = 0) -> None:
    """Raise the limit of this process as far as the system lets it, to `at_most` or to `wanted` descriptors.

    Less than `wanted` is logged.
    """
    goal = max(wanted, at_most)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = goal if hard == resource.RLIM_INFINITY else min(goal, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        log.warning("few descriptors", extra={"fields": {"allowed": most, "wanted": wanted}})
