"""The settings of a kind of transport for people: one list for forms, bounds and documentation."""

from dataclasses import dataclass

from mail.kinds.fields import Field, NumberField, SecretField, SwitchField, TextField, WordsField

__all__ = [
    "IPV4",
    "IPV6",
    "LIMITS",
    "MAX_CONNECTIONS",
    "MAX_MESSAGES_PER_MINUTE",
    "Field",
    "HostsField",
    "NumberField",
    "ProxyField",
    "SecretField",
    "SwitchField",
    "TextField",
    "WordsField",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsField(Field):
    """A list of hosts, each with an optional port and an optional weight (hosts_setting)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyField(Field):
    """The name of a transport of kind socks."""


MAX_CONNECTIONS = NumberField(
    name="max_connections",
    label="Connections at once",
    help_text="To one destination, from all workers together. 0: no limit.",
    lowest=0,
    highest=10_000,
)
MAX_MESSAGES_PER_MINUTE = NumberField(
    name="max_messages_per_minute",
    label="Messages per minute",
    help_text="To one destination, from all workers together. 0: no limit.",
    lowest=0,
    highest=1_000_000,
)
LIMITS = (MAX_CONNECTIONS, MAX_MESSAGES_PER_MINUTE)
"""Of every kind that uses the network."""

IPV4 = SwitchField(name="ipv4", label="IPv4", help_text="Connect to servers over IPv4.", default=True)
IPV6 = SwitchField(name="ipv6", label="IPv6", help_text="Connect to servers over IPv6.", default=True)
