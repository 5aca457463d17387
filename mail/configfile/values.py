"""Mail's own configuration as values, equal when they mean the same. Pure."""

from dataclasses import dataclass, field

from mail.addresses.address import Address, Catchall


@dataclass(frozen=True, slots=True)
class AliasValue:
    """An alias of a domain. `addresses` are the members as their destinations spell them, in order."""

    addresses: tuple[str, ...]
    post_public: bool = False
    list_members: bool = False
    allow_from: bool = False


@dataclass(frozen=True, slots=True)
class DomainValue:
    """A hosted domain; its aliases by localpart."""

    separators: tuple[str, ...] = ()
    case_sensitive: bool = False
    disabled: bool = False
    dmarc_reject: bool = True
    aliases: dict[str, AliasValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DestinationValue:
    """An address of an account."""

    address: Address | Catchall
    mailbox: str = "Inbox"
    smtp_error: str = ""


@dataclass(frozen=True, slots=True)
class AccountValue:
    """An account; its destinations by address. `dmarc_reject` None: as the domains of its addresses say."""

    full_name: str = ""
    max_outgoing_messages_per_day: int = 1000
    max_first_time_recipients_per_day: int = 200
    quota_mb: int = 0
    cram_md5: bool = False
    login_disabled: str = ""
    dmarc_reject: bool | None = None
    destinations: dict[str, DestinationValue] = field(default_factory=dict)


ACCOUNT_FIELDS = (
    "full_name",
    "max_outgoing_messages_per_day",
    "max_first_time_recipients_per_day",
    "quota_mb",
    "cram_md5",
    "login_disabled",
    "dmarc_reject",
)
"""Of an account: names of model fields, of attributes here and of keys in the file."""

ALIAS_FLAGS = ("post_public", "list_members", "allow_from")
"""Of an alias, in the same way."""


@dataclass(frozen=True, slots=True)
class MailConfiguration:
    """Log levels by package ("" is the default), domains and accounts by name."""

    log_levels: dict[str, str] = field(default_factory=dict)
    domains: dict[str, DomainValue] = field(default_factory=dict)
    accounts: dict[str, AccountValue] = field(default_factory=dict)
