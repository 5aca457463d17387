"""The login that belongs to an account."""

from django.db import transaction

from mail.models import Account, Login


@transaction.atomic
def ensure_login(account: Account) -> Login:
    """The login of an account; created, named as the account and without a password, if there is none."""
    existing = Login.objects.filter(account=account).first()
    return existing or Login.objects.create(name=account.name, account=account)
