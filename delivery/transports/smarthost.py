"""What the kinds smtp, submission and submissions share: handing all mail to a relay."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure
from delivery.smtp.client.session import Greeter, Session, open_session
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.transports.dialing import Host, dial
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.sending import send_to_host
from delivery.transports.settings import FieldProblem, InvalidSettings, SettingsReader
from delivery.transports.undelivered import Undelivered
from mail.sasl.choice import KNOWN_MECHANISMS


@dataclass(frozen=True, slots=True)
class SmarthostSettings:
    """A relay: its hosts in the order in which they are tried, how to encrypt, how to log in."""

    hosts: tuple[Host, ...]
    tls: TlsPolicy
    username: str = ""
    password: str = field(default="", repr=False)
    mechanisms: tuple[str, ...] = ()

    @property
    def credentials(self) -> Credentials | None:
        """The login, None without a user name."""
        return Credentials(self.username, self.password, self.mechanisms) if self.username else None


@dataclass(frozen=True, slots=True)
class SmarthostKind:
    """What one of the kinds has of its own. With `immediate_tls` encryption can't be switched off."""

    default_port: int
    immediate_tls: bool

    def validate(self, settings: Mapping[str, object]) -> list[FieldProblem]:
        """Everything that is wrong with the settings."""
        return self._read(settings)[1]

    def read(self, settings: Mapping[str, object]) -> SmarthostSettings:
        """The settings from their mapping. Raises InvalidSettings."""
        result, problems = self._read(settings)
        if problems:
            raise InvalidSettings(problems)
        return result

    def _read(self, settings: Mapping[str, object]) -> tuple[SmarthostSettings, list[FieldProblem]]:
        reader = SettingsReader(settings)
        port = reader.integer("port", 1, 65535, self.default_port)
        hosts = _read_hosts(reader, port)
        tls = self._read_tls(reader)
        username = reader.text("username", 255)
        password = reader.text("password", 1024)
        mechanisms = _read_mechanisms(reader)
        if not username and (password or mechanisms):
            reader.problem("username", "is needed for a login")
        reader.finish()
        return SmarthostSettings(hosts, tls, username, password, mechanisms), reader.problems

    def _read_tls(self, reader: SettingsReader) -> TlsPolicy:
        skip_verify = reader.boolean("tls_skip_verify", False)
        no_starttls = reader.boolean("no_starttls", False)
        if self.immediate_tls:
            for name, value in (("tls_skip_verify", skip_verify), ("no_starttls", no_starttls)):
                if value:
                    reader.problem(name, "is not possible with immediate TLS")
            return TlsPolicy(TlsMode.IMMEDIATE, verify=True)
        if skip_verify:
            # Also with no_starttls: of two ways to weaken the connection the stronger one is taken.
            return TlsPolicy(TlsMode.REQUIRED, verify=False)
        return TlsPolicy(TlsMode.NONE if no_starttls else TlsMode.REQUIRED, verify=not no_starttls)


def _read_hosts(reader: SettingsReader, port: int) -> tuple[Host, ...]:
    """From `host`, one name, or `hosts`, names with optional ports. Exactly one of the two is given."""
    single = reader.text("host", 255)
    several = reader.texts("hosts")
    if reader.given("host") and reader.given("hosts"):
        reader.problem("hosts", "and host can't be used together")
    if not reader.given("host") and not reader.given("hosts"):
        reader.problem("host", "is needed")
    hosts = [_read_host(reader, "host", single, port, port_allowed=False)] if single else []
    hosts += [_read_host(reader, "hosts", entry, port, port_allowed=True) for entry in several]
    for host in {host for host in hosts if host.name and hosts.count(host) > 1}:
        reader.problem("hosts", f"{host.name} is there twice")
    return tuple(hosts)


def _read_host(reader: SettingsReader, field: str, text: str, port: int, *, port_allowed: bool) -> Host:
    name, colon, number = text.strip().partition(":")
    if colon and port_allowed and number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= 65535:
        return Host(reader.host(field, name), int(number))
    return Host(reader.host(field, text.strip()), port)


def _read_mechanisms(reader: SettingsReader) -> tuple[str, ...]:
    mechanisms = reader.texts("mechanisms")
    for name in dict.fromkeys(mechanisms):
        if name not in KNOWN_MECHANISMS:
            known = ", ".join(KNOWN_MECHANISMS)
            reader.problem("mechanisms", f"{name!r} is no known mechanism; there are {known}")
        elif mechanisms.count(name) > 1:
            reader.problem("mechanisms", f"{name} is there twice")
    return tuple(mechanisms)


async def deliver(settings: SmarthostSettings, group: Group, context: DeliveryContext) -> GroupResult:
    """Hand the mails to the first host that takes them.

    What goes wrong before MAIL says nothing about the mail, only about the relay or the login there: it is
    always temporary, and the next host is tried.
    """
    undelivered = Undelivered(group, context.settled)
    greeter = Greeter(context.ehlo_name, settings.tls, context.trust, settings.credentials, context.timeouts)

    async def open_relay_session(host: Host) -> Session:
        try:
            dialled = await dial(host, context)
            return await open_session(
                dialled.connection, host.name, dialled.ip, host.port, greeter, connect_seconds=dialled.seconds
            )
        except DeliveryFailure as failure:
            raise failure.as_temporary() from failure

    for host in settings.hosts:
        if not undelivered:
            break
        await send_to_host(host, open_relay_session, undelivered, require_eight_bit=True)
    return undelivered.result()
