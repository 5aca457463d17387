"""Changes of aliases."""

from functools import partial

from mail.addresses.address import Address
from mail.addresses.parse import parse_address
from mail.configfile.section import Change, Phase, changed_fields, differences
from mail.configfile.values import ALIAS_FLAGS, AliasValue, DomainValue
from mail.models import Alias, AliasMember, Destination, Domain

_KEYS = {"addresses": "addresses", **{flag: flag for flag in ALIAS_FLAGS}}


def plan_aliases(stored: dict[str, DomainValue], wanted: dict[str, DomainValue]) -> list[Change]:
    """Aliases that come, go or change. Memberships go first, so that addresses can go that were members."""
    changes: list[Change] = []
    for name in sorted({*stored, *wanted}):
        old, new = (side[name].aliases if name in side else {} for side in (stored, wanted))
        for change in differences(old, new):
            changes += _plan(Address(change.key, name), change.old, change.new)
    return changes


def _plan(address: Address, old: AliasValue | None, new: AliasValue | None) -> list[Change]:
    if new is None:
        return [Change(Phase.RELEASE, f"- alias {address}", partial(_remove, address))]
    save = partial(_save, address, new)
    if old is None:
        return [Change(Phase.ALIASES, f"+ alias {address}: {', '.join(new.addresses)}", save)]
    text = f"~ alias {address}: {changed_fields(old, new, _KEYS)}"
    if old.addresses == new.addresses:
        return [Change(Phase.ALIASES, text, save)]
    return [
        Change(Phase.RELEASE, text, partial(_release_members, address)),
        Change(Phase.ALIASES, "", save),
    ]


def _rows(address: Address) -> "list[Alias]":
    return list(Alias.objects.filter(domain__name=address.domain, localpart=address.localpart))


def _remove(address: Address) -> None:
    for alias in _rows(address):
        alias.delete()


def _release_members(address: Address) -> None:
    for alias in _rows(address):
        alias.memberships.all().delete()


def _save(address: Address, value: AliasValue) -> None:
    existing = _rows(address)
    if existing:
        alias = existing[0]
    else:
        domain = Domain.objects.get(name=address.domain)
        alias = Alias(domain=domain, localpart=address.localpart)
    for flag in ALIAS_FLAGS:
        setattr(alias, flag, getattr(value, flag))
    alias.save()
    if alias.memberships.exists():
        return
    for text in value.addresses:
        member = parse_address(text)
        destination = Destination.objects.get(
            domain__name=member.domain, localpart=member.localpart, is_catchall=False
        )
        AliasMember.objects.create(alias=alias, destination=destination)
