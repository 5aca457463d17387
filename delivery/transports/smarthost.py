"""What the kinds smtp, submission and submissions share: handing all mail to a relay."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.session import Greeter, Session, open_session
from delivery.smtp.client.tls import TlsPolicy
from delivery.transports.dialing import Host, dial
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.hosts import RelayHosts
from delivery.transports.proxy import Proxy
from delivery.transports.requiring_tls import demanding, refused_by_relay
from delivery.transports.sending import send_to_host
from delivery.transports.undelivered import Undelivered


@dataclass(frozen=True, slots=True)
class SmarthostSettings:
    """A relay: its hosts, how to encrypt, how to log in, through which proxy to reach it.

    `proxy_name` is the transport of kind socks; `proxy` is what it has become when everything was compiled.
    Limits are for the relay as a whole; 0: none.
    """

    relay: RelayHosts
    tls: TlsPolicy
    username: str = ""
    password: str = field(default="", repr=False)
    mechanisms: tuple[str, ...] = ()
    proxy_name: str = ""
    proxy: Proxy | None = None
    max_connections: int = 0
    max_messages_per_minute: int = 0

    @property
    def credentials(self) -> Credentials | None:
        """The login, None without a user name."""
        return Credentials(self.username, self.password, self.mechanisms) if self.username else None

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts as they are configured."""
        return self.relay.hosts


async def deliver(settings: SmarthostSettings, group: Group, context: DeliveryContext) -> GroupResult:
    """Hand the mails to the first host that takes them.

    What goes wrong before MAIL says nothing about the mail, only about the relay or the login there: it is
    always temporary, and the next host is tried; the last one may be asked for a session once more.
    """
    undelivered = Undelivered(demanding(group), context.settled)
    if (refusal := refused_by_relay(group, settings.tls)) is not None:
        undelivered.fail(refusal)
        return undelivered.result()
    opening = _Opening(settings, undelivered, context)
    hosts = tuple(settings.relay.in_order())
    for host in hosts:
        if not undelivered:
            break
        await send_to_host(
            host,
            opening.open_session,
            undelivered,
            require_eight_bit=True,
            connections=context.connections,
            identity=opening.identity,
            once_more=host is hosts[-1] and context.observer is None,  # whoever looks on wants to see one way
        )
    return undelivered.result()


class _Opening:
    """Opens sessions with the hosts of a relay."""

    def __init__(
        self, settings: SmarthostSettings, undelivered: Undelivered, context: DeliveryContext
    ) -> None:
        self._settings = settings
        self._undelivered = undelivered
        self._context = context
        proxy = settings.proxy
        ehlo_name = (proxy.ehlo_name if proxy else "") or context.ehlo_name
        self._greeter = Greeter(
            ehlo_name, settings.tls, context.trust, settings.credentials, context.timeouts
        )

    @property
    def identity(self) -> Hashable:
        """What makes a session with a host fit for this transport."""
        settings = self._settings
        return (self._greeter.ehlo_name, settings.tls, settings.credentials, settings.proxy)

    async def open_session(self, host: Host) -> Session:
        """Raises DeliveryFailure, always temporary."""
        relay = self._settings.relay
        try:
            session = await self._open(host)
        except DeliveryFailure as failure:
            relay.took_no_mail(host)
            raise failure.as_temporary() from failure
        relay.took_mail(host)
        return session

    async def _open(self, host: Host) -> Session:
        earlier = self._undelivered.earlier(host.name)
        dialled = await dial(host, self._context, earlier=earlier, proxy=self._settings.proxy)
        return await open_session(
            dialled.connection,
            host.name,
            dialled.ip,
            host.port,
            self._greeter,
            connect_seconds=dialled.seconds,
        )
