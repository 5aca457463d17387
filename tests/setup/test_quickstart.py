"""quickstart as people run it, in an empty folder."""

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from moxsite.setup.quickstart.environment import UnusableFile, lines, load_settings, parse
from tests.program.running import PATIENCE, ROOT, Program, clean_environment, free_port_offset
from tests.setup.test_looking_around import GOOD
from tests.world.authority import Authority
from tests.world.dns import FakeDns
from tests.world.waiting import wait_until

pytestmark = pytest.mark.long


@dataclass
class Folder:
    """An empty folder on a machine whose DNS is ours."""

    path: Path
    offset: int
    nameserver: tuple[str, int]

    @property
    def environment(self) -> dict[str, str]:
        found = clean_environment(
            self.path / "data", PYTHONPATH=str(ROOT), MOXSITE_IPS="127.0.0.1",
            MOXSITE_PORT_OFFSET=str(self.offset), MOXSITE_RESOLVER="{}:{}".format(*self.nameserver),
            MOXSITE_PUBLIC_IPS="192.0.2.1",
        )  # fmt: skip
        del found["MOXSITE_DATA"]
        return found

    def manage(self, *arguments: str, bare: bool = False) -> "subprocess.CompletedProcess[str]":
        """Run a command here; `bare`: without any variable, so that the settings come from the file."""
        environment = self.environment
        if bare:
            environment = {
                name: value for name, value in environment.items() if not name.startswith("MOXSITE_")
            }
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(
            command, env=environment, cwd=self.path, capture_output=True, text=True, timeout=PATIENCE
        )


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    with FakeDns(GOOD) as dns:
        dns.authentic.add("com")
        yield Folder(tmp_path, free_port_offset(), dns.address)


def test_a_new_installation_is_complete_private_and_never_overwritten(folder: Folder) -> None:
    done = folder.manage("quickstart", "you@example.org", "--hostname", "mail.example.org")
    assert done.returncode == 0, done.stderr
    assert "example.org. IN MX 10 mail.example.org." in done.stdout
    assert "192.0.2.1 is called mail.example.org." in done.stdout
    passwords = re.findall(r"(?:[a-z2-9]{5}-){3}[a-z2-9]{5}", done.stdout)
    assert len(set(passwords)) == 2
    written = (folder.path / "moxsite.env").read_text().splitlines()
    assert written[-2:] == ["# MOXSITE_ACME_DIRECTORY=letsencrypt", "# MOXSITE_ACME_CONTACT=you@example.org"]
    kept = (folder.path / "quickstart.txt").read_text()
    assert kept in done.stdout
    assert not any(password in kept for password in passwords)
    for name, mode in (
        ("moxsite.env", 0o600),
        ("quickstart.txt", 0o600),
        ("data", 0o700),
        ("data/secrets/key", 0o600),
    ):
        assert stat.S_IMODE((folder.path / name).stat().st_mode) == mode, name
    before = {path: path.read_bytes() for path in folder.path.glob("*.*") if path.is_file()}
    again = folder.manage("quickstart", "you@example.org")
    assert (again.returncode, again.stdout) == (1, "")
    assert "There is an installation already" in again.stderr
    assert {path: path.read_bytes() for path in before} == before
    records = folder.manage("dnsrecords", "example.org", bare=True)
    assert records.stdout in kept, records.stderr
    assert "_domainkey" in records.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nonsense"], "can't be your address"),
        (["you@example.org", "--cert", "x"], "--existing-webserver"),
        (["you@example.org", "--existing-webserver", "--cert", "x"], "both"),
        (["you@example.org", "--existing-webserver", "--cert", "x", "--key", "y"], "can't be used"),
        (["you@example.org", "--hostname", "no name"], "can't be a host name"),
    ],
)
def test_what_can_t_be_done_leaves_nothing_behind(
    folder: Folder, arguments: list[str], expected: str
) -> None:
    done = folder.manage("quickstart", *arguments)
    assert done.returncode != 0
    assert expected in done.stderr
    assert list(folder.path.iterdir()) == []


@pytest.mark.external
@pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="nginx is not installed")
def test_an_existing_nginx_forwards_to_it_by_the_printed_snippet(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("nginx")
    authority = Authority(elsewhere)
    certificate, key = authority.files("mail.example.org", "mta-sts.example.org")
    port, public = free_port_offset(), free_port_offset()
    done = folder.manage(
        "quickstart", "you@example.org", "--hostname", "mail.example.org", "--existing-webserver",
        "--cert", str(certificate), "--key", str(key), "--http-port", str(port),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    snippet = done.stdout.partition("nginx:\n")[2].partition("Caddy:")[0]
    snippet = snippet.replace("listen [::]:443 ssl;", "").replace(
        "listen 443 ssl", f"listen 127.0.0.1:{public} ssl"
    )
    (elsewhere / "nginx.conf").write_text(
        f"daemon off; pid {elsewhere}/pid; error_log stderr;\nevents {{}}\nhttp {{ access_log off;\n"
        f"client_body_temp_path {elsewhere}/body; proxy_temp_path {elsewhere}/proxy;\n"
        f"fastcgi_temp_path {elsewhere}/f; uwsgi_temp_path {elsewhere}/u;\n"
        f"scgi_temp_path {elsewhere}/s;\n{snippet}}}\n"
    )
    password = re.findall(r"you@example.org +(\S+)", done.stdout)[-1]
    with (
        Program(
            ["tests/program/serving_web.py", "serve"],
            clean_environment(
                folder.path / "data", PYTHONPATH=str(ROOT), MOXSITE_ENV_FILE=str(folder.path / "moxsite.env")
            ),
        ) as program,
        _nginx(elsewhere),
    ):
        program.wait_for("serving")
        trust = ssl.create_default_context(cafile=str(authority.ca_file))
        wait_until(
            lambda: _get(public, trust, "mail.example.org", "/login/")[0] == 200, "nginx answers", PATIENCE
        )
        status, body, headers = _get(public, trust, "mail.example.org", "/login/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', body)
        assert token is not None
        cookie = headers["Set-Cookie"].partition(";")[0]
        form = f"csrfmiddlewaretoken={token[1].decode()}&username=you%40example.org&password={password}"
        status, _, _ = _request(public, trust, "mail.example.org", "POST", "/login/", form, cookie)
        assert status == 302
        status, body, _ = _get(public, trust, "mta-sts.example.org", "/.well-known/mta-sts.txt")
        assert (status, b"mx: mail.example.org" in body) == (200, True)
        assert program.stop() == 0


def _get(
    port: int, trust: ssl.SSLContext, host: str, path: str
) -> tuple[int, bytes, http.client.HTTPMessage]:
    return _request(port, trust, host, "GET", path)


def _request(
    port: int, trust: ssl.SSLContext, host: str, method: str, path: str, body: str = "", cookie: str = ""
) -> tuple[int, bytes, http.client.HTTPMessage]:
    connection = http.client.HTTPSConnection(host, port, context=trust, timeout=60)
    try:
        plain = socket.create_connection(("127.0.0.1", port), 60)
        connection.sock = trust.wrap_socket(plain, server_hostname=host)
        headers = {"Cookie": cookie} if cookie else {}
        if body:
            headers["Origin"] = f"https://{host}"
            headers["Referer"] = f"https://{host}{path}"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    except OSError:
        return 0, b"", http.client.HTTPMessage()
    finally:
        connection.close()


@contextlib.contextmanager
def _nginx(folder: Path) -> Iterator[None]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert program is not None
    process = subprocess.Popen([program, "-e", "stderr", "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_the_settings_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    values = {
        "MOXSITE_DATA": "/srv/my mail/data",
        "MOXSITE_HOSTNAME": "mail.example.org",
        "DATABASE_URL": "a=b#c",
    }
    assert parse(lines(values), tmp_path) == values


def test_the_environment_comes_first_and_a_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "moxsite.env"
    path.write_text("MOXSITE_HOSTNAME=file.example\nMOXSITE_PORT_OFFSET=7\n")
    path.chmod(0o600)
    environment = {"MOXSITE_ENV_FILE": str(path), "MOXSITE_HOSTNAME": "own.example"}
    load_settings(environment)
    assert (environment["MOXSITE_HOSTNAME"], environment["MOXSITE_PORT_OFFSET"]) == ("own.example", "7")
    path.chmod(0o666)
    with pytest.raises(UnusableFile, match="others can write"):
        load_settings(environment)
    path.chmod(0o600)
    path.write_text("what is this\n")
    with pytest.raises(UnusableFile, match="line 1"):
        load_settings(environment)
    load_settings({"MOXSITE_ENV_FILE": str(tmp_path / "absent")})
    assert os.environ.get("MOXSITE_PORT_OFFSET") is None


@pytest.mark.external
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit(folder: Folder) -> None:
    assert folder.manage("quickstart", "you@example.org").returncode == 0
    unit = folder.path / "moxsite.service"
    unit.write_text(
        unit.read_text().replace("User=moxsite", "User=daemon").replace("Group=moxsite", "Group=daemon")
    )
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert done.stderr == ""
