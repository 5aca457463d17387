"""Reading [transports]."""

from delivery.configfile.values import TransportValue
from delivery.configuration.proxies import PROXY, proxy_problem
from delivery.configuration.rules import find_kind, kind_problem, settings_problems
from delivery.models import Transport
from delivery.transports.kind import Kind
from mail.configfile.reading.fields import field_problems
from mail.configfile.table import Table

_SOME_PASSWORD = "*"


def read_transports(document: Table) -> tuple[dict[str, TransportValue], dict[str, str]]:
    """The transports by name, and the passwords that the file sets or, with "", removes."""
    transports: dict[str, TransportValue] = {}
    passwords: dict[str, str] = {}
    protected = set(Transport.objects.exclude(password_sealed=b"").values_list("name", flat=True))
    for name, table in document.tables("transports").items():
        for field, message in field_problems(Transport(name=name)):
            if field == "name":
                table.problem(message)
        kind_name, password = table.text("kind"), _read_password(table)
        settings = table.values()
        transports[name] = TransportValue(kind_name, settings)
        kind = find_kind(kind_name)
        if kind is None:
            table.problem(kind_problem(kind_name), "kind")
            continue
        if "password" not in kind.secrets and password is None:
            passwords[name] = ""  # a stored one is of no use to the kind that the transport has now
        elif password is not None:
            passwords[name] = password
        stored = _SOME_PASSWORD if name in protected else ""
        _check(table, kind, settings, passwords.get(name, stored))
    _check_proxies(document, transports)
    return transports, passwords


def _check_proxies(document: Table, transports: dict[str, TransportValue]) -> None:
    """What counts is what the file makes of the transports, not what they are now."""
    kinds = {name: value.kind for name, value in transports.items()}
    for name, table in document.tables("transports").items():
        kind = find_kind(kinds[name])
        if kind is not None and any(field.name == PROXY for field in kind.fields):
            problem = proxy_problem(transports[name].settings, kinds)
            if problem:
                table.problem(f"{problem} in this file", PROXY)


def _check(table: Table, kind: Kind, settings: dict[str, object], password: str) -> None:
    for problem in settings_problems(kind, settings, password):
        table.problem(problem.message, *([problem.field] if problem.field else []))


def _read_password(table: Table) -> str | None:
    """The password of the file or of the file it names; None when there is neither."""
    given = table.text("password") if table.has("password") else None
    name = table.text("password_file")
    if not name:
        return given
    if given is not None:
        table.problem("and password can't be used together", "password_file")
    try:
        password = (table.folder / name).expanduser().read_text(encoding="utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        table.problem(f"{name} can't be read: {reason}", "password_file")
        return None
    if not password:
        table.problem(f"{name} holds no password", "password_file")
    return password
