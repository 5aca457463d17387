"""The settings of relays: the fields for people, and reading them."""

from collections.abc import Mapping
from typing import Final

from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.transports.fields import (
    LIMITS,
    MAX_CONNECTIONS,
    MAX_MESSAGES_PER_MINUTE,
    Field,
    HostsField,
    NumberField,
    ProxyField,
    SecretField,
    SwitchField,
    TextField,
    WordsField,
)
from delivery.transports.hosts_setting import read_hosts, shown_hosts
from delivery.transports.kind import Kind
from delivery.transports.settings import SettingsReader
from delivery.transports.smarthost import SmarthostSettings, deliver
from mail.sasl.choice import CLIENT_MECHANISMS, KNOWN_MECHANISMS

_HOST: Final = TextField(
    name="host",
    label="Host",
    help_text="Name of the relay, such as smtp.relay.example. Empty if there are several.",
)
_HOSTS: Final = HostsField(
    name="hosts",
    label="Hosts",
    help_text="Several relays, one a line, tried in this order: b.relay.example:2525. With a weight for each "
    "they are drawn by lot: a.relay.example weight 3.",
)
_USERNAME: Final = TextField(name="username", label="User name", help_text="Empty: no login.")
_PASSWORD: Final = SecretField(name="password", label="Password")
_MECHANISMS: Final = WordsField(
    name="mechanisms",
    label="Login methods",
    help_text="In the order of preference. Empty: all, the strongest first, PLAIN and LOGIN only over TLS; "
    f"naming those two allows them in clear text. Known: {', '.join(CLIENT_MECHANISMS)}.",
)
_NO_STARTTLS: Final = SwitchField(
    name="no_starttls",
    label="without TLS",
    help_text="Never encrypt, not even when the relay offers it. Only for relays on your own network.",
)
_TLS_SKIP_VERIFY: Final = SwitchField(
    name="tls_skip_verify",
    label="any certificate",
    help_text="Encrypt, but accept a certificate that can't be verified. Somebody in between can read.",
)
_PROXY: Final = ProxyField(
    name="proxy",
    label="Proxy",
    help_text="A transport of kind socks through which the relay is reached. Its EHLO name is used.",
)
_ADVICE: Final = (
    "SPF: the world sees the relay’s addresses, so the record of each sender domain includes what the "
    "operator of the relay names. DKIM: signatures made here stay valid unless the relay changes messages; "
    "if it signs itself, its operator names the keys to publish. Whether a relay’s addresses and keys are "
    "right can’t be checked from here."
)


def relay_kind(name: str, *, default_port: int, immediate_tls: bool, purpose: str) -> Kind:
    """A kind that hands all mail to a relay. With `immediate_tls` encryption can't be switched off."""
    port = NumberField(
        name="port",
        label="Port",
        help_text=f"Empty: {default_port}.",
        lowest=1,
        highest=65535,
        default=default_port,
    )

    def parse(reader: SettingsReader) -> SmarthostSettings:
        return _parse(reader, port, immediate_tls=immediate_tls)

    return Kind(
        name=name,
        parse=parse,
        deliver=deliver,
        fields=_fields(port, immediate_tls=immediate_tls),
        purpose=purpose,
        advice=_ADVICE,
        target=_target,
    )


def _fields(port: NumberField, *, immediate_tls: bool) -> tuple[Field, ...]:
    weakening = () if immediate_tls else (_NO_STARTTLS, _TLS_SKIP_VERIFY)
    return (_HOST, _HOSTS, port, _USERNAME, _PASSWORD, _MECHANISMS, *weakening, _PROXY, *LIMITS)


def _parse(reader: SettingsReader, port: NumberField, *, immediate_tls: bool) -> SmarthostSettings:
    settings = SmarthostSettings(
        relay=read_hosts(reader, reader.number(port)),
        tls=_read_tls(reader, immediate_tls=immediate_tls),
        username=reader.line(_USERNAME),
        password=reader.text(_PASSWORD.name, _PASSWORD.longest),
        mechanisms=_read_mechanisms(reader),
        proxy_name=reader.text(_PROXY.name, 64),
        max_connections=reader.number(MAX_CONNECTIONS),
        max_messages_per_minute=reader.number(MAX_MESSAGES_PER_MINUTE),
    )
    if not settings.username and (settings.password or settings.mechanisms):
        reader.problem(_USERNAME.name, "is needed for a login")
    return settings


def _read_tls(reader: SettingsReader, *, immediate_tls: bool) -> TlsPolicy:
    skip_verify = reader.switch(_TLS_SKIP_VERIFY)
    no_starttls = reader.switch(_NO_STARTTLS)
    if immediate_tls:
        for field, value in ((_TLS_SKIP_VERIFY, skip_verify), (_NO_STARTTLS, no_starttls)):
            if value:
                reader.problem(field.name, "is not possible with immediate TLS")
        return TlsPolicy(TlsMode.IMMEDIATE, verify=True)
    if skip_verify:
        # Also with no_starttls: of two ways to weaken the connection the stronger one is taken.
        return TlsPolicy(TlsMode.REQUIRED, verify=False)
    return TlsPolicy(TlsMode.NONE if no_starttls else TlsMode.REQUIRED, verify=not no_starttls)


def _read_mechanisms(reader: SettingsReader) -> tuple[str, ...]:
    mechanisms = reader.texts(_MECHANISMS.name)
    for name in dict.fromkeys(mechanisms):
        if name not in KNOWN_MECHANISMS:
            known = ", ".join(KNOWN_MECHANISMS)
            reader.problem(_MECHANISMS.name, f"{name!r} is no known mechanism; there are {known}")
        elif mechanisms.count(name) > 1:
            reader.problem(_MECHANISMS.name, f"{name} is there twice")
    return tuple(mechanisms)


def _target(settings: Mapping[str, object]) -> str:
    hosts = shown_hosts(settings)
    return f"{hosts}, through {settings['proxy']}" if settings.get("proxy") else hosts
