"""quickstart --existing-webserver, with the snippets that it prints in the web servers they are for."""

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.program.running import PATIENCE, ROOT, Program, clean_environment
from tests.setup.empty_folder import Folder
from tests.world.authority import Authority
from tests.world.ports import free_port, free_ports
from tests.world.waiting import wait_until

pytestmark = [pytest.mark.long, pytest.mark.external]

HOST = "mail.example.org"
NAMES = (HOST, "mta-sts.example.org", "autoconfig.example.org", "autodiscover.example.org")


def program_path(name: str) -> str | None:
    """Where a web server is; it may stand where only root looks."""
    return shutil.which(name, path="/usr/sbin:/usr/bin")


def nginx(folder: Path, printed: str, port: int, certificate: Path, key: Path) -> list[str]:
    """nginx with the snippet, whose port is another here."""
    snippet = printed.partition("nginx:\n")[2].partition("Caddy:")[0]
    snippet = snippet.replace("listen [::]:443 ssl;", "").replace(
        "listen 443 ssl", f"listen 127.0.0.1:{port} ssl"
    )
    temporary = ("client_body_temp", "proxy_temp", "fastcgi_temp", "uwsgi_temp", "scgi_temp")
    paths = " ".join(f"{name}_path {folder}/{name};" for name in temporary)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr;\nevents {{}}\n"
        f"http {{ access_log off;\n{paths}\n{snippet}}}\n"
    )
    return ["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def caddy(folder: Path, printed: str, port: int, certificate: Path, key: Path) -> list[str]:
    """Caddy with the snippet, whose port is another here, and with a certificate that it need not fetch."""
    snippet = printed.partition("Caddy:\n")[2].partition("DNS records of")[0].strip()
    head, _, rest = snippet.partition("{\n")
    (folder / "Caddyfile").write_text(
        f"{{\n admin off\n auto_https disable_redirects\n https_port {port}\n http_port {free_port()}\n"
        f" default_bind 127.0.0.1\n}}\n{head}{{\n tls {certificate} {key}\n{rest}\n"
    )
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@pytest.mark.parametrize("front", [nginx, caddy], ids=["nginx", "caddy"])
def test_an_existing_web_server_forwards_by_the_printed_snippet(
    folder: Folder, tmp_path_factory: pytest.TempPathFactory, front: Callable[..., list[str]]
) -> None:
    if program_path(front.__name__) is None:
        pytest.skip(f"{front.__name__} is not installed")
    elsewhere = tmp_path_factory.mktemp(front.__name__)
    authority = Authority(elsewhere)
    certificate, key = authority.files(*NAMES)
    port, public = free_ports(2)
    done = folder.manage(
        "quickstart", "you@example.org", "--hostname", HOST, "--existing-webserver",
        "--cert", str(certificate), "--key", str(key), "--http-port", str(port),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    command = front(elsewhere, done.stdout, public, certificate, key)
    password = re.findall(r"you@example.org +(\S+)", done.stdout)[-1]
    environment = clean_environment(
        folder.path / "data", PYTHONPATH=str(ROOT), MOXSITE_ENV_FILE=str(folder.path / "moxsite.env")
    )
    with (
        Program(["tests/program/serving_web.py", "serve"], environment) as program,
        _running(command, elsewhere),
    ):
        program.wait_for("serving")
        trust = ssl.create_default_context(cafile=str(authority.ca_file))
        wait_until(lambda: _get(public, trust, HOST, "/login/")[0] == 200, "it answers", PATIENCE)
        _, body, headers = _get(public, trust, HOST, "/login/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', body)
        assert token is not None
        cookie = headers["Set-Cookie"].partition(";")[0]
        form = f"csrfmiddlewaretoken={token[1].decode()}&username=you%40example.org&password={password}"
        status, _, _ = _request(public, trust, HOST, "POST", "/login/", form, cookie)
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
        headers = {"Host": host, **({"Cookie": cookie} if cookie else {})}
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
def _running(command: list[str], folder: Path) -> Iterator[None]:
    path = program_path(command[0])
    assert path is not None
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    process = subprocess.Popen([path, *command[1:]], env=environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)
