"""What the directory says about an address. Pure."""

from dataclasses import dataclass
from typing import TypeAlias

from mail.addresses.address import Address, Catchall
from mail.errors import Reply


@dataclass(frozen=True, slots=True)
class AccountDestination:
    """An account gets the mail, in the mailbox of this name.

    `address` is the destination as configured, which differs from the address asked for by case, separator
    suffix, or altogether when it is a catchall or the postmaster. `dmarc_reject`: mail is refused that the
    policy of its author's domain rejects.
    """

    account_id: int
    account_name: str
    mailbox: str
    address: Address | Catchall
    dmarc_reject: bool = True


@dataclass(frozen=True, slots=True)
class AliasTargets:
    """An alias: each of `targets` gets a copy.

    `members` also has those whose destination refuses mail. Unless `post_public`, only members may write to
    it; with `allow_from` members may send as it.
    """

    address: Address
    members: tuple[AccountDestination, ...]
    targets: tuple[AccountDestination, ...]
    post_public: bool
    allow_from: bool

    def has_member(self, account_id: int) -> bool:
        """Whether an address of the account is a member."""
        return any(member.account_id == account_id for member in self.members)


@dataclass(frozen=True, slots=True)
class Refused:
    """The destination is configured to refuse mail with this reply."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class UnknownLocalpart:
    """The domain is hosted here and has no such address."""


@dataclass(frozen=True, slots=True)
class NotHosted:
    """Mail of this domain, or to this address literal, is not received here."""


@dataclass(frozen=True, slots=True)
class Disabled:
    """The domain is hosted here and takes no part in mail for now."""


Resolution: TypeAlias = AccountDestination | AliasTargets | Refused | UnknownLocalpart | NotHosted | Disabled
