"""“Who gets mail for this address?”, answered by the look-up that receiving uses."""

from dataclasses import dataclass, field

from mail.addresses.address import Address, Catchall
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot
from mail.directory import (
    AccountDestination,
    AliasTargets,
    Disabled,
    NotHosted,
    Refused,
    Resolution,
    UnknownLocalpart,
    look_up,
)
from mail.models import Domain


@dataclass(frozen=True, slots=True)
class Trial:
    """What was typed into the box, and the answer as sentences. `accepted`: mail for it is taken."""

    text: str
    accepted: bool = False
    answer: str = ""
    details: tuple[str, ...] = field(default=())


def try_address(text: str, domain: Domain) -> Trial:
    """Look up an address, or a localpart of the domain. An empty text gives no answer."""
    text = text.strip()
    if not text:
        return Trial("")
    try:
        address = parse_address(text if "@" in text else f"{text}@{domain.name}")
    except AddressError as error:
        return Trial(text, answer=f"This is no address: {error}.")
    try:
        found = look_up(address, compile_snapshot())
    except InvalidConfiguration as error:
        return Trial(text, answer=f"The configuration is not in force, because it is wrong: {error}")
    return _explained(text, address, found)


def _explained(text: str, address: Address, found: Resolution) -> Trial:
    shown = address.display()
    match found:
        case AccountDestination():
            return Trial(
                text,
                True,
                f"Account {found.account_name} gets it, in {found.mailbox}.",
                _route(address, found),
            )
        case AliasTargets():
            names = tuple(
                f"{target.address.display()}: account {target.account_name}" for target in found.targets
            )
            writers = "Anybody may write to it." if found.post_public else "Only its members may write to it."
            return Trial(
                text,
                True,
                f"{found.address.display()} is an alias; each of these gets a copy.",
                (*names, writers),
            )
        case Refused():
            return Trial(text, answer=f"Refused with “{found.reply}”, as configured for this address.")
        case UnknownLocalpart():
            return Trial(text, answer=f"Refused: nobody has {shown}, and the domain has no catchall.")
        case Disabled():
            return Trial(text, answer="Refused for now: the domain is disabled. Senders try again later.")
        case NotHosted():
            return Trial(text, answer=f"Not received here: {address.domain} is not a domain of this server.")


def _route(asked: Address, found: AccountDestination) -> tuple[str, ...]:
    """By which configured address, where that is not the one asked for."""
    if isinstance(found.address, Catchall):
        return (f"By its catchall {found.address.display()}.",)
    if found.address == asked:
        return ()
    return (
        f"By its address {found.address.display()}: case and what follows a separator make no difference.",
    )
