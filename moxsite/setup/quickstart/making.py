"""Making the first domain, keys, account and admin."""

from dataclasses import dataclass
from secrets import choice
from typing import Final

from django.db import transaction

from mail.addresses.address import Address
from mail.configuration.dkim import make_keys
from mail.configuration.rules.addresses import localpart_form
from mail.dkim.keys import ALGORITHMS
from mail.identity.passwords import set_main_password
from mail.models import Account, Destination, Domain, Login
from mail.store.mailboxes import ensure_account_store

ADMIN: Final = "admin"

_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_GROUPS, _IN_A_GROUP = 4, 5


@dataclass(frozen=True, slots=True)
class Made:
    """What there is now, with the passwords that were given; they are kept nowhere."""

    domain: Domain
    account: Account
    account_password: str
    admin_password: str


def make_first(address: Address) -> Made:
    """Everything or nothing. Raises ValidationError."""
    with transaction.atomic():
        domain = Domain(name=address.domain, localpart_separators=["+"])
        domain.full_clean()
        domain.save()
        make_keys(domain, ALGORITHMS)
        account = Account(name=_account_name(address.localpart))
        account.full_clean()
        account.save()
        ensure_account_store(account)
        destination = Destination(account=account, domain=domain, localpart=localpart_form(address.localpart))
        destination.full_clean()
        destination.save()
        account_password, admin_password = new_password(), new_password()
        _make_login(account.name, account_password, account=account)
        _make_login(ADMIN, admin_password, is_staff=True)
    return Made(domain, account, account_password, admin_password)


def new_password() -> str:
    """Twenty characters, nearly a hundred bits, in groups that can be read aloud."""
    groups = ("".join(choice(_LETTERS) for _ in range(_IN_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def _account_name(localpart: str) -> str:
    """The localpart as far as account names allow; “admin” is the admin’s."""
    kept = "".join(
        letter for letter in localpart.lower() if letter.isascii() and (letter.isalnum() or letter in "._-")
    )
    name = kept.strip("._-")[:64]
    return name if name and name != ADMIN else "me"


def _make_login(name: str, password: str, *, account: Account | None = None, is_staff: bool = False) -> None:
    login = Login.objects.create(name=name, account=account, is_staff=is_staff)
    set_main_password(login, password)
