"""System checks: what would go wrong later is said at the start, with what to do.

All commands run them. `refuse_errors` is for programs that are not ours, such as celery's own worker.
"""

import os
import re
import ssl
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import connection

from mail.database.sqlite.pragmas import deviations
from moxsite.process import embeds_broker

TAG = "moxsite"
"""Commands that serve ask for these checks only; those of models are for developers and take seconds."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)\Z")
_WORLD = stat.S_IRWXO
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class WrongSetup(SystemExit):
    """Checks found errors. Ends the program with all of them."""


def refuse_errors() -> None:
    """Run our checks and stop the program if one finds an error. Raises WrongSetup."""
    found = [message for check in CHECKS for message in check(None)]
    errors = [message for message in found if message.level >= checks.ERROR]
    if errors:
        raise WrongSetup("\n".join(f"{error.id}: {error.msg}\n    {error.hint}" for error in errors))


def check_broker(app_configs: object, **_options: Any) -> Sequence[CheckMessage]:
    """A broker in memory reaches nobody from another process."""
    is_celery_worker = os.path.basename(sys.argv[0]) == "celery" or sys.argv[0].endswith(
        os.path.join("celery", "__main__.py")
    )
    if settings.CELERY_BROKER_URL.startswith("memory:") and is_celery_worker and not embeds_broker():
        return [
            Error(
                "A broker in memory (CELERY_BROKER_URL is memory://) serves manage.py runworker only.",
                hint="Set CELERY_BROKER_URL to redis://… or amqp://… for all processes, "
                "or run manage.py runworker.",
                id="moxsite.E001",
            )
        ]
    return []


def check_data_directory(app_configs: object, **_options: Any) -> Sequence[CheckMessage]:
    """The data directory takes our files and nobody else reads them."""
    data: Path = settings.DATA
    if not data.exists():
        return []  # serve makes it
    found: list[CheckMessage] = []
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        found.append(
            Error(
                f"The data directory {data} can't be written.",
                hint="Give it to the user who runs moxsite (chown), or choose another with MOXSITE_DATA.",
                id="moxsite.E002",
            )
        )
    elif data.stat().st_mode & _WORLD:
        found.append(
            Error(
                f"Everybody on this machine can look into the data directory {data}.",
                hint=f"chmod o-rwx {data}",
                id="moxsite.E003",
            )
        )
    return found


def check_secrets(app_configs: object, **_options: Any) -> Sequence[CheckMessage]:
    """Secrets are for their owner only."""
    folder: Path = settings.DATA / "secrets"
    open_paths = [
        path
        for path in (folder, folder / "key", settings.TLS_KEY)
        if _mode(path) & _OTHERS and (path != settings.TLS_KEY or _mode(path) & _WORLD)
    ]
    return [
        Error(
            f"Others than the owner can read {path}.",
            hint=f"chmod {'o-rwx' if path == settings.TLS_KEY else 'go-rwx'} {path}",
            id="moxsite.E004",
        )
        for path in open_paths
    ]


def check_hostname(app_configs: object, **_options: Any) -> Sequence[CheckMessage]:
    """Other servers refuse greetings with something that is no host name (RFC 5321 section 2.3.5)."""
    name: str = settings.MOXSITE_HOSTNAME
    labels = name.split(".")
    hint = "Set MOXSITE_HOSTNAME to the full name of this machine in DNS, such as mail.example.org."
    if len(name) > 253 or labels[-1].isdigit() or not all(_LABEL.match(label) for label in labels):
        return [Error(f"MOXSITE_HOSTNAME={name!r} is no host name.", hint=hint, id="moxsite.E005")]
    if len(labels) == 1 and name != "localhost":
        return [
            checks.Warning(
                f"MOXSITE_HOSTNAME={name!r} has no domain; others refuse it.", hint=hint, id="moxsite.W001"
            )
        ]
    return []


def check_tls_files(app_configs: object, **_options: Any) -> Sequence[CheckMessage]:
    """A configured certificate comes with its key and both can be used."""
    certificate, key = settings.MOXSITE_TLS_CERT_FILE, settings.MOXSITE_TLS_KEY_FILE
    if bool(certificate) != bool(key):
        given, missing = (
            ("MOXSITE_TLS_CERT_FILE", "MOXSITE_TLS_KEY_FILE")
            if certificate
            else ("MOXSITE_TLS_KEY_FILE", "MOXSITE_TLS_CERT_FILE")
        )
        return [Error(f"{given} is set and {missing} is not.", hint="Set both or none.", id="moxsite.E006")]
    found: list[CheckMessage] = []
    for name in ("MOXSITE_TLS_CERT_FILE", "MOXSITE_TLS_KEY_FILE", "MOXSITE_TLS_CA_FILE"):
        path = getattr(settings, name)
        if path and (problem := _unreadable(path)):
            found.append(
                Error(
                    f"{name}={path} can't be read: {problem}.",
                    hint="The file must exist and be readable for the user who runs moxsite.",
                    id="moxsite.E007",
                )
            )
    if certificate and not found and (problem := _mismatch(certificate, key)):
        found.append(
            Error(
                f"The certificate {certificate} and the key {key} can't be used: {problem}.",
                hint="Both must be in PEM form and belong together; the key must not have a passphrase.",
                id="moxsite.E008",
            )
        )
    return found


def check_proxies(app_configs: object, **_options: Any) -> Sequence[CheckMessage]:
    """Only proxies that are trusted are asked for PROXY headers."""
    if settings.MOXSITE_WEB_PROXY_PROTOCOL and not settings.MOXSITE_TRUSTED_PROXIES:
        return [
            Error(
                "MOXSITE_WEB_PROXY_PROTOCOL is set, and no proxy is trusted.",
                hint="Set MOXSITE_TRUSTED_PROXIES to the networks of the proxies, such as 192.0.2.7/32.",
                id="moxsite.E010",
            )
        ]
    return []


def check_sqlite(app_configs: object, **_options: Any) -> Sequence[CheckMessage]:
    """The database has the settings that keep what was promised, and keep writers from waiting long."""
    if connection.vendor != "sqlite" or not Path(str(connection.settings_dict["NAME"])).exists():
        return []
    connection.ensure_connection()
    return [
        Error(
            f"SQLite: {deviation}.",
            hint="The file was not made by moxsite, or another program changed it: restore it from a backup.",
            id="moxsite.E009",
        )
        for deviation in deviations(connection.connection)
    ]


CHECKS = (
    check_broker,
    check_data_directory,
    check_secrets,
    check_hostname,
    check_tls_files,
    check_proxies,
    check_sqlite,
)
for _check in CHECKS:
    checks.register(_check, TAG)


def _mode(path: Path) -> int:
    """The permission bits; 0 for what is missing or out of our sight."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _unreadable(path: str) -> str:
    try:
        with open(path, "rb"):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _mismatch(certificate: str, key: str) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (OSError, ValueError) as error:
        return str(error)
    return ""
