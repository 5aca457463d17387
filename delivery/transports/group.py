"""What a transport is given and what it gives back; the same for every kind."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.message import OutgoingMessage
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.smtp.client.timeouts import Timeouts
from delivery.smtp.client.tls import Trust
from delivery.smtp.client.transcript import Observer
from delivery.tlsresults.outcome import TlsOutcome
from delivery.transports.connections import ConnectionCache
from delivery.transports.policies import PolicySource
from mail.dns.resolver import Resolver

RecipientKey = tuple[int, str]
"""The key of a mail and one of its recipients."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message for some of its recipients (SMTP form). `key` is the caller's, unique in the group.

    `tls_demand` is what the sender demands of TLS: "" as the transport has it, "required" (RFC 8689
    section 2), "optional" (RFC 8689 section 5). All mails of a group share it. `earlier` has, for each host,
    the addresses that took a connection in earlier attempts, the last one last. `attempt` is this one's
    number, from 1.
    """

    key: int
    message: OutgoingMessage
    recipients: tuple[str, ...]
    tls_demand: str = ""
    earlier: Mapping[str, Sequence[str]] = field(default_factory=dict)
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Mails for one next hop: they share connections."""

    mails: tuple[Mail, ...]


@dataclass(frozen=True, slots=True)
class HostTry:
    """One host that was tried, for the timeline.

    `failure` is what kept it from taking mail at all; None when the session got as far as MAIL. `ip` is empty
    when no address answered or none is known. `reused`: the session had been open for an earlier group.
    """

    host: str
    port: int
    ip: str
    failure: DeliveryFailure | None
    seconds: float
    reused: bool = False

    @property
    def connected(self) -> bool:
        """Whether the address took a TCP connection, whatever came then."""
        if self.failure is None:
            return True
        return bool(self.ip) and self.failure.stage not in (Stage.RESOLVE, Stage.CONNECT)


@dataclass(frozen=True, slots=True)
class GroupResult:
    """A result for every recipient of the group, and the hosts tried, in order."""

    results: Mapping[RecipientKey, RecipientResult]
    tries: tuple[HostTry, ...] = ()

    def of(self, mail: Mail) -> tuple[RecipientResult, ...]:
        """The results of one mail in the order of its recipients."""
        return tuple(self.results[mail.key, recipient] for recipient in mail.recipients)

    @property
    def delivered(self) -> bool:
        """Whether every recipient was delivered to."""
        return all(result.outcome is Outcome.DELIVERED for result in self.results.values())


Settled = Callable[[GroupResult], "Future[Any]"]
"""Told after each transaction which recipients are done with (delivered or refused for good), and the hosts
tried until then.

Called on the event loop, so it only hands over, and gives what is done when that is on disk. What it tells is
in the group's result again.
"""


@dataclass(frozen=True, slots=True)
class DeliveryContext:
    """What a process knows and every delivery needs.

    `remote_port` is where direct delivery finds mail servers. `source_ips` are the addresses to connect
    from, at most one for each family; empty leaves it to the system. `connections` are sessions that earlier
    groups left open; None: every group makes its own. `policies` knows the MTA-STS policies of domains;
    None: there are none. `report` is told how each session went with respect to TLS, on the event loop.
    """

    resolver: Resolver
    trust: Trust
    ehlo_name: str
    remote_port: int = 25
    source_ips: tuple[str, ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    observer: Observer | None = None
    settled: Settled | None = None
    connections: ConnectionCache | None = None
    policies: PolicySource | None = None
    report: Callable[[TlsOutcome], None] | None = None
