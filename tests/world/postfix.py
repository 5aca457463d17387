"""A private Postfix on random loopback ports, as an independent peer of the whole test suite.

    with Postfix(certificate=..., logins={"me": "secret"}) as postfix:
        ...  # postfix.smtp_port, postfix.submission_port, postfix.submissions_port
        (message,) = postfix.messages(1)

It takes mail for every recipient but those in `refused`, and keeps it in one maildir. The submission ports
demand a login (PLAIN, LOGIN, CRAM-MD5, SCRAM) when there are `logins`; they need the certificate.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from mail import clock
from tests.world.ports import free_ports

_POSTFIX = "/usr/sbin/postfix"
_REALM = "postfix.test"

_SERVICES = """\
{smtp} inet n - n - - smtpd
{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=may -o smtpd_tls_auth_only=yes
  -o smtpd_sasl_auth_enable={login} -o {restrict}
{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable={login} -o {restrict}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


def why_not() -> str:
    """Why no Postfix can be run here; empty when one can."""
    if not os.access(_POSTFIX, os.X_OK):
        return "postfix is not installed"
    if os.geteuid() != 0:
        return "postfix starts only as root"
    return ""


def require_postfix(*, login: bool = False) -> None:
    """Skip the test, with the reason, where Postfix can't be run."""
    reason = why_not()
    if not reason and login and shutil.which("saslpasswd2") is None:
        reason = "sasl2-bin is not installed"
    if reason:
        pytest.skip(reason)


class Postfix:
    """One instance with its own configuration, queue and data."""

    def __init__(
        self,
        *,
        certificate: tuple[Path, Path] | None = None,
        logins: Mapping[str, str] | None = None,
        mechanisms: Sequence[str] = ("PLAIN", "LOGIN", "CRAM-MD5"),
        refused: Mapping[str, str] | None = None,
        discard: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        # Not in pytest's folder: Postfix gives up root, and others may not enter that one.
        self._folder = Path(tempfile.mkdtemp(prefix="postfix-"))
        self._folder.chmod(0o755)
        self._config = self._folder / "config"
        self._maildir = self._folder / "mail" / "inbox" / "new"
        self.smtp_port, self.submission_port, self.submissions_port = free_ports(3)
        main = {
            **self._main(),
            **self._tls(certificate),
            **self._delivery(refused or {}, discard=discard),
            **self._sasl(logins or {}, mechanisms),
            **(settings or {}),
        }
        self._write_configuration(main, login=bool(logins))

    @property
    def pid(self) -> int:
        """Its master process."""
        return int((self._folder / "queue/pid/master.pid").read_text())

    @property
    def log(self) -> str:
        """What it has logged."""
        path = self._folder / "postfix.log"
        return path.read_text() if path.exists() else ""

    def messages(self, count: int, seconds: float = 20.0) -> list[bytes]:
        """All messages, once there are `count`, oldest first."""
        deadline = clock.monotonic() + seconds
        while clock.monotonic() < deadline:
            found = sorted(self._maildir.iterdir()) if self._maildir.exists() else []
            if len(found) >= count:
                return [path.read_bytes() for path in found]
            threading.Event().wait(0.02)
        raise AssertionError(f"no {count} messages in {seconds} s; the log says:\n{self.log}")

    def start(self) -> None:
        """Start, and return when the ports answer."""
        self._run("start")

    def stop(self) -> None:
        """Stop at once."""
        self._run("abort")

    def __enter__(self) -> "Postfix":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, command: str) -> None:
        # Into a file: a pipe would be kept open by what Postfix leaves running in the background.
        said = self._folder / f"{command}.out"
        with said.open("wb") as output:
            done = subprocess.run([_POSTFIX, "-c", self._config, command], stdout=output, stderr=output)
        assert done.returncode == 0, f"postfix {command}: {said.read_text()}{self.log}"

    def _main(self) -> dict[str, str]:
        return {
            "compatibility_level": "3.6",
            "queue_directory": str(self._folder / "queue"),
            "data_directory": str(self._folder / "data"),
            "maillog_file": str(self._folder / "postfix.log"),
            "maillog_file_prefixes": str(self._folder),
            "myhostname": "mx.remote.example",
            "mydestination": "",
            "inet_protocols": "ipv4",
            "smtputf8_enable": "yes",
            "in_flow_delay": "0",
            "smtpd_error_sleep_time": "0",
            "message_size_limit": "209715200",
            "virtual_mailbox_limit": "0",
            "mailbox_size_limit": "0",
        }

    def _delivery(self, refused: Mapping[str, str], *, discard: bool) -> dict[str, str]:
        replies = ", ".join(f"{{ {address} = {reply} }}" for address, reply in refused.items())
        checks = f"check_recipient_access inline:{{ {replies} }}, " if refused else ""
        nobody = pwd.getpwnam("nobody")
        return {
            "virtual_mailbox_domains": "static:all",
            "virtual_mailbox_maps": "static:inbox/",
            "virtual_mailbox_base": str(self._folder / "mail"),
            "virtual_uid_maps": f"static:{nobody.pw_uid}",
            "virtual_gid_maps": f"static:{nobody.pw_gid}",
            "virtual_transport": "discard" if discard else "virtual",
            "smtpd_recipient_restrictions": f"{checks}permit",
            "smtpd_relay_restrictions": "reject_unauth_destination",
        }

    def _tls(self, certificate: tuple[Path, Path] | None) -> dict[str, str]:
        if certificate is None:
            return {"smtpd_tls_security_level": "none"}
        self._config.mkdir(exist_ok=True)
        copies = [self._config / f"tls-{number}.pem" for number in range(2)]
        for source, copy in zip(certificate, copies, strict=True):
            shutil.copyfile(source, copy)
        return {
            "smtpd_tls_cert_file": str(copies[0]),
            "smtpd_tls_key_file": str(copies[1]),
            "smtpd_tls_security_level": "may",
        }

    def _sasl(self, logins: Mapping[str, str], mechanisms: Sequence[str]) -> dict[str, str]:
        if not logins:
            return {}
        # Debian's Postfix looks into this folder whatever cyrus_sasl_config_path says.
        folder = self._config / "sasl"
        folder.mkdir(parents=True)
        database = folder / "sasldb2"
        (folder / "smtpd.conf").write_text(
            f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {database}\n"
            f"mech_list: {' '.join(mechanisms)}\n"
        )
        for name, password in logins.items():
            subprocess.run(
                ["saslpasswd2", "-p", "-c", "-f", database, "-u", _REALM, name],
                input=password.encode(),
                check=True,
            )
        database.chmod(0o644)
        return {
            "cyrus_sasl_config_path": str(folder),
            "smtpd_sasl_type": "cyrus",
            "smtpd_sasl_path": "smtpd",
            "smtpd_sasl_local_domain": _REALM,
            "smtpd_sasl_security_options": "noanonymous",
        }

    def _write_configuration(self, main: Mapping[str, str], *, login: bool) -> None:
        self._config.mkdir(exist_ok=True)
        for name in ("queue", "data", "mail"):
            (self._folder / name).mkdir()
        shutil.chown(self._folder / "data", "postfix")
        shutil.chown(self._folder / "mail", "nobody")
        restrict = "permit_sasl_authenticated,reject" if login else "permit"
        services = _SERVICES.format(
            smtp=f"127.0.0.1:{self.smtp_port}",
            submission=f"127.0.0.1:{self.submission_port}",
            submissions=f"127.0.0.1:{self.submissions_port}",
            login="yes" if login else "no",
            restrict=f"smtpd_client_restrictions={restrict}",
        )
        (self._config / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in main.items()))
        (self._config / "master.cf").write_text(services)
