"""What happens to a login when its account changes."""

from typing import TYPE_CHECKING

from django.apps import apps

from mail.audit_trail import Action, tell

if TYPE_CHECKING:
    from mail.models import Account


def login_name_taken(account: "Account") -> bool:
    """Whether a login that is not this account's has the account's name."""
    others = apps.get_model("mail", "Login").objects.filter(name=account.name)
    return others.exclude(account_id=account.pk).exists() if account.pk else others.exists()


def follow_account(account: "Account", previous_name: str) -> None:
    """Rename the login that was named as the account; drop CRAM-MD5 secrets that it may not have any more."""
    logins = apps.get_model("mail", "Login").objects.filter(account=account)
    if account.name != previous_name and logins.filter(name=previous_name).update(name=account.name):
        tell(Action.CHANGED, "login", account.name, {"name": (previous_name, account.name)})
    if not account.cram_md5:
        secrets = apps.get_model("mail", "Credential").objects.filter(login__account=account)
        secrets.exclude(cram_md5_sealed=b"").update(cram_md5_sealed=b"")
