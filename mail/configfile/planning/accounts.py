"""Changes of accounts themselves."""

from functools import partial

from mail.configfile.section import Change, Options, Phase, changed_fields, differences
from mail.configfile.table import Table
from mail.configfile.values import ACCOUNT_FIELDS, AccountValue
from mail.configuration.removal import count_messages, remove_account
from mail.identity.logins import ensure_login
from mail.models import Account, Login
from mail.store.mailboxes import ensure_account_store

_KEYS = {field: field for field in ACCOUNT_FIELDS}


def plan_accounts(
    stored: dict[str, AccountValue], wanted: dict[str, AccountValue], document: Table, options: Options
) -> list[Change]:
    """Accounts that come, go or change. One that holds mail goes only if the options say so."""
    changes = []
    for change in differences(stored, wanted):
        name, old, new = change.key, change.old, change.new
        if new is None:
            changes.append(_plan_removal(name, document, options))
        elif old is None:
            changes.append(_plan_addition(name, new, document))
        elif details := changed_fields(old, new, _KEYS):
            enabled = new.cram_md5 and not old.cram_md5
            effect = (
                f"{name} can use CRAM-MD5 once the password is set anew: setpassword {name}"
                if enabled
                else ""
            )
            save = partial(_update, name, new)
            changes.append(Change(Phase.ACCOUNTS, f"~ account {name}: {details}", save, effect))
    return changes


def _plan_removal(name: str, document: Table, options: Options) -> Change:
    messages = count_messages(Account.objects.get(name=name))
    if messages and not options.remove_accounts:
        document.problem(
            f"is missing here, but holds {_messages(messages)}: an account that holds mail goes only with "
            "--remove-accounts",
            "accounts",
            name,
        )
    effect = f"{_messages(messages)} of {name} will be deleted" if messages else ""
    return Change(Phase.REMOVE, f"- account {name}", partial(_remove, name), effect)


def _plan_addition(name: str, value: AccountValue, document: Table) -> Change:
    if Login.objects.filter(name=name).exists():
        document.problem(f"There is a login named {name} that is not this account's.", "accounts", name)
    details = changed_fields(AccountValue(), value, _KEYS)
    text = f"+ account {name}" + (f": {details}" if details else "")
    effect = f"{name} has no password yet: setpassword {name}"
    return Change(Phase.ACCOUNTS, text, partial(_add, name, value), effect)


def _add(name: str, value: AccountValue) -> None:
    account = Account(name=name)
    _save(account, value)
    ensure_account_store(account)
    ensure_login(account)


def _update(name: str, value: AccountValue) -> None:
    _save(Account.objects.get(name=name), value)


def _save(account: Account, value: AccountValue) -> None:
    for field in ACCOUNT_FIELDS:
        setattr(account, field, getattr(value, field))
    account.save()


def _remove(name: str) -> None:
    remove_account(Account.objects.get(name=name))


def _messages(count: int) -> str:
    return f"{count} message" if count == 1 else f"{count} messages"
