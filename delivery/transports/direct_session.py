"""Opening sessions with the hosts of a destination under their TLS policies, and reporting how that went."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from delivery.metrics import CLEAR_TEXT
from delivery.mtasts.policy import Mode
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.session import Greeter, Session, open_session
from delivery.smtp.client.tls import TlsPolicy
from delivery.tlsresults.session import Demands, Handshake, session_outcomes
from delivery.transports.dialing import Dialled, Host, dial
from delivery.transports.direct_policy import Destination, HostPolicy
from delivery.transports.group import DeliveryContext
from delivery.transports.proxy import Proxy


@dataclass(frozen=True, slots=True)
class Way:
    """How servers are reached."""

    ipv4: bool
    ipv6: bool
    ehlo_name: str
    proxy: Proxy | None


@dataclass(frozen=True, slots=True)
class HostSessions:
    """Opens sessions with one host. `earlier` tells which of its addresses took a connection before."""

    destination: Destination
    policy: HostPolicy
    way: Way
    context: DeliveryContext
    earlier: Callable[[str], Sequence[str]]

    async def open(self, host: Host) -> Session:
        """Where TLS does not work and nothing forbids it, again in clear text. Raises DeliveryFailure."""
        way, policy = self.way, self.policy
        earlier = self.earlier(host.name)
        dialled = await dial(
            host, self.context, ipv4=way.ipv4, ipv6=way.ipv6, earlier=earlier, proxy=way.proxy
        )
        try:
            session = await self._greet(host, dialled, policy.tls)
        except DeliveryFailure as failure:
            about_tls = _is_about_tls(failure, dialled)
            if about_tls or dialled.connection.tls is not None:
                self._report(host, dialled, failure.public.text if about_tls else "")
            if not about_tls:
                raise
            if policy.clear_text is None:
                raise _demanded(failure, policy.tls) from failure
        else:
            self._report(host, dialled)
            return session
        CLEAR_TEXT.add()
        again = await dial(Host(host.name, host.port, dialled.ip), self.context, proxy=way.proxy)
        again.connection.dual_stack = dialled.connection.dual_stack
        return await self._greet(host, again, policy.clear_text)

    async def _greet(self, host: Host, dialled: Dialled, tls: TlsPolicy) -> Session:
        context = self.context
        greeter = Greeter(self.way.ehlo_name, tls, context.trust, timeouts=context.timeouts)
        return await open_session(
            dialled.connection,
            host.ip or host.name,
            dialled.ip,
            host.port,
            greeter,
            connect_seconds=dialled.seconds,
        )

    def _report(self, host: Host, dialled: Dialled, failure: str = "") -> None:
        if self.context.report is None or host.ip:
            return
        destination = self.destination
        policy = destination.policy.policy
        demands = Demands(
            destination.domain,
            host.name,
            sts=policy is not None and policy.mode is not Mode.NONE,
            listed=destination.lists(host.name),
            tlsa=self.policy.tlsa,
        )
        for outcome in session_outcomes(demands, Handshake(dialled.connection.tls, failure)):
            self.context.report(outcome)


def _is_about_tls(failure: DeliveryFailure, dialled: Dialled) -> bool:
    """With TLS 1.3 a server's rejection of our handshake arrives only when we wait for its next reply."""
    if failure.stage in (Stage.STARTTLS, Stage.TLS):
        return True
    return failure.stage is Stage.EHLO and not failure.remote and dialled.connection.tls is not None


def _demanded(failure: DeliveryFailure, tls: TlsPolicy) -> DeliveryFailure:
    """Always temporary: the server may be repaired, the policy changed, another host be better."""
    if not failure.remote:
        return failure.as_temporary()
    text = f"TLS is demanded ({tls.label}), but the server answered {failure.public} to STARTTLS"
    local = local_failure(Stage.STARTTLS, 454, "4.7.5", text)
    local.take_place_from(failure)
    return local
