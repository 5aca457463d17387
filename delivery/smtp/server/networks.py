"""Counting connections, all together and by the network they come from."""

from collections import Counter

from mail.limiter.clients import client_of


def network_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 of an IPv6 address; "" for what is neither."""
    return client_of(address).name


def is_local(address: str) -> bool:
    """Whether the peer is a program on this machine."""
    return client_of(address).is_local


class ConnectionCounter:
    """The connections that are open now."""

    def __init__(self, total: int, per_network: int) -> None:
        self._total = total
        self._per_network = per_network
        self._open: Counter[str] = Counter()
        self.count = 0

    def enter(self, network: str) -> bool:
        """Count one more connection; False, and nothing counted, when that is one too many."""
        if self.count >= self._total or self._open[network] >= self._per_network:
            if not self._open[network]:
                del self._open[network]
            return False
        self.count += 1
        self._open[network] += 1
        return True

    def leave(self, network: str) -> None:
        """Undo one `enter` that was True."""
        self.count -= 1
        self._open[network] -= 1
        if not self._open[network]:
            del self._open[network]
