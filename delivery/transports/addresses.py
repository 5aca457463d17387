"""In which order the addresses of a host are tried, after earlier attempts of the same message."""

from collections.abc import Sequence


def ordered_addresses(addresses: Sequence[str], earlier: Sequence[str]) -> list[str]:
    """The addresses in the order to try them; `earlier` took a connection in earlier attempts, the last last.

    The family that was not used last comes first: one of our own addresses may be the reason for a refusal.
    Within the family used last, an address used once is tried once more, because a server that greylists
    expects a second attempt at the same place. Otherwise the order stays as DNS gave it.
    """
    if not earlier:
        return list(addresses)
    last = earlier[-1]
    other_family = [ip for ip in addresses if _family(ip) != _family(last)]
    same_family = [ip for ip in addresses if _family(ip) == _family(last)]
    if last in same_family and _once(earlier):
        same_family.remove(last)
        same_family.insert(0, last)
    return other_family + same_family


def fits_history(ip: str, earlier: Sequence[str], *, dual_stack: bool) -> bool:
    """Whether a session that is open with `ip` does for a message, instead of a new one in the order above.

    `dual_stack`: the host has addresses of both families.
    """
    if not earlier or _family(ip) != _family(earlier[-1]):
        return True
    return not dual_stack and (ip == earlier[-1] or not _once(earlier))


def _once(earlier: Sequence[str]) -> bool:
    """Whether the family that was used last was used that one time only."""
    return sum(_family(ip) == _family(earlier[-1]) for ip in earlier) == 1


def _family(ip: str) -> int:
    return 6 if ":" in ip else 4
