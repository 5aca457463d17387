"""Changes of the addresses of accounts."""

from dataclasses import dataclass
from functools import partial

from mail.addresses.address import Catchall
from mail.configfile.section import Change, Phase, changed_fields, differences
from mail.configfile.values import AccountValue, DestinationValue
from mail.models import Account, Destination, Domain

_KEYS = {"account": "account", "mailbox": "mailbox", "smtp_error": "smtp_error"}


@dataclass(frozen=True, slots=True)
class _Owned:
    """A destination with its account."""

    account: str
    value: DestinationValue

    @property
    def mailbox(self) -> str:
        return self.value.mailbox

    @property
    def smtp_error(self) -> str:
        return self.value.smtp_error


def plan_addresses(stored: dict[str, AccountValue], wanted: dict[str, AccountValue]) -> list[Change]:
    """Addresses that come, go, change, or move from one account to another with what refers to them."""
    changes = []
    for change in differences(_by_address(stored), _by_address(wanted)):
        address, old, new = change.key, change.old, change.new
        if new is None:
            assert old is not None
            text = f"- address {address} of account {old.account}"
            changes.append(Change(Phase.RELEASE, text, partial(_remove, old.value)))
        elif old is None:
            details = changed_fields(_Owned(new.account, DestinationValue(new.value.address)), new, _KEYS)
            text = f"+ address {address} of account {new.account}" + (f": {details}" if details else "")
            changes.append(Change(Phase.ADDRESSES, text, partial(_add, new)))
        else:
            text = f"~ address {address} of account {new.account}: {changed_fields(old, new, _KEYS)}"
            changes.append(Change(Phase.ADDRESSES, text, partial(_update, new)))
    return changes


def _by_address(accounts: dict[str, AccountValue]) -> dict[str, _Owned]:
    return {
        address: _Owned(name, value)
        for name, account in accounts.items()
        for address, value in account.destinations.items()
    }


def _find(value: DestinationValue) -> Destination | None:
    address = value.address
    found = Destination.objects.filter(domain__name=address.domain)
    if isinstance(address, Catchall):
        return found.filter(is_catchall=True).first()
    return found.filter(is_catchall=False, localpart=address.localpart).first()


def _remove(value: DestinationValue) -> None:
    destination = _find(value)
    if destination is not None:
        destination.delete()


def _add(owned: _Owned) -> None:
    _save(_new(owned.value), owned)


def _update(owned: _Owned) -> None:
    _save(_find(owned.value) or _new(owned.value), owned)


def _save(destination: Destination, owned: _Owned) -> None:
    destination.account = Account.objects.get(name=owned.account)
    destination.mailbox, destination.smtp_error = owned.mailbox, owned.smtp_error
    destination.save()


def _new(value: DestinationValue) -> Destination:
    domain = Domain.objects.get(name=value.address.domain)
    if isinstance(value.address, Catchall):
        return Destination(domain=domain, is_catchall=True)
    return Destination(domain=domain, localpart=value.address.localpart)
