"""The ready-made set-up of localserve: one domain, one account, one admin."""

from django.db import transaction

from mail.identity.passwords import set_main_password
from mail.models import Account, Destination, Domain, Login
from mail.store.mailboxes import ensure_account_store
from moxsite.localserve import ACCOUNT, ACCOUNT_PASSWORD, ADMIN, ADMIN_PASSWORD, HOSTNAME


@transaction.atomic
def create_tryout() -> None:
    """Make what is missing of the set-up. What is there stays as somebody has changed it."""
    domain, _ = Domain.objects.get_or_create(name=HOSTNAME, defaults={"localpart_separators": ["+"]})
    account, _ = Account.objects.get_or_create(name=ACCOUNT, defaults={"full_name": "Mox"})
    ensure_account_store(account)
    Destination.objects.get_or_create(
        domain=domain,
        canonical_localpart=ACCOUNT,
        is_catchall=False,
        defaults={"account": account, "localpart": ACCOUNT},
    )
    _create_login(ACCOUNT, ACCOUNT_PASSWORD, account=account)
    _create_login(ADMIN, ADMIN_PASSWORD, is_staff=True)


def _create_login(
    name: str, password: str, *, account: Account | None = None, is_staff: bool = False
) -> None:
    login, created = Login.objects.get_or_create(
        name=name, defaults={"account": account, "is_staff": is_staff}
    )
    if created:
        set_main_password(login, password)
