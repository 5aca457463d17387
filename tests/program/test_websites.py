"""Websites of a configuration file, served by a running server."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.program.installation import Installation
from tests.program.running import Program, manage
from tests.world.echo import Echo
from webserver.websocket.told import told_tunnels

pytestmark = pytest.mark.long

CONFIGURATION = """
[domains."example.org"]

[web.redirects]
"old.example" = "www.example.org"

[[web.handlers]]
name = "mail"
domain = "www.example.org"
path = "^/mail"
dont_redirect_plain_http = true
internal = {{ service = "account", base_path = "/mail/" }}

[[web.handlers]]
name = "admin"
domain = "www.example.org"
path = "^/manage"
dont_redirect_plain_http = true
internal = {{ service = "admin", base_path = "/manage/" }}

[[web.handlers]]
name = "chat"
domain = "chat.example.org"
path = "^/"
dont_redirect_plain_http = true
forward = {{ url = "http://127.0.0.1:{chat}" }}

[[web.handlers]]
name = "files"
domain = "www.example.org"
path = "^/"
dont_redirect_plain_http = true
static = {{ root = "{root}" }}
"""
HOST = {"Host": "www.example.org"}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("websites") / "data")


@pytest.fixture(scope="module")
def chat() -> Iterator[Echo]:
    with Echo() as server:
        yield server


@pytest.fixture(scope="module")
def serving(
    installation: Installation, chat: Echo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    folder: Path = tmp_path_factory.mktemp("root")
    (folder / "a.txt").write_text("a file")
    file = folder / "config.toml"
    file.write_text(CONFIGURATION.format(root=folder, chat=chat.port))
    with installation.serve() as program:
        program.wait_for("msg=serving")
        applied = manage(["config", "apply", str(file), "--yes"], installation.environment)
        assert applied.returncode == 0, applied
        yield program
        assert program.stop() == 0


def test_a_configuration_is_served_as_soon_as_it_is_applied(
    installation: Installation, serving: Program
) -> None:
    assert installation.get("/a.txt", HOST) == (200, b"a file")
    assert installation.get("/none.txt", HOST)[0] == 404


def test_account_and_admin_pages_can_be_below_other_paths(
    installation: Installation, serving: Program
) -> None:
    status, page = installation.get("/mail", HOST)  # and from there to the form that asks who it is
    assert status == 200
    assert b'href="/mail/static/' in page
    assert installation.get("/mail/static/admin/css/base.css", HOST)[0] == 200
    assert installation.get("/mail/admin/", HOST)[0] == 404
    assert installation.get("/manage/", HOST)[0] == 200
    assert installation.get("/manage/mailboxes/", HOST)[0] == 404


def test_nobody_else_tells_the_pages_where_they_are(installation: Installation, serving: Program) -> None:
    status, body = installation.get("/healthz", {"X-Forwarded-Prefix": "/healthz", "Daphne-Root-Path": "/x"})
    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_the_system_answers_at_the_hosts_of_mail_domains(
    installation: Installation, serving: Program
) -> None:
    policy = "/.well-known/mta-sts.txt"
    status, body = installation.get(policy, {"Host": "mta-sts.example.org"})
    assert status == 200
    assert body.startswith(b"version: STSv1")
    assert installation.get(policy, {"Host": "mta-sts.example.net"})[0] == 404
    for host in ("autoconfig.example.org", "example.org"):
        assert installation.get("/mail/config-v1.1.xml", {"Host": host})[0] == 200


def test_a_websocket_is_forwarded_listed_and_logged(
    installation: Installation, serving: Program, chat: Echo
) -> None:
    plain = socket.create_connection(("127.0.0.1", 80 + installation.offset))
    with connect("ws://chat.example.org/room?a=b", sock=plain) as client:
        client.send("hello")
        assert client.recv(timeout=60) == "hello"
        (tunnel,) = told_tunnels(installation.data / "run" / "web").tunnels
    assert (tunnel.handler, tunnel.url) == ("chat", "http://chat.example.org/room")
    path, headers = chat.requests[-1]
    assert path == "/room?a=b"
    assert dict(headers)["X-Forwarded-For"] == "127.0.0.1"
    line = serving.wait_for("pkg=webserver.access", "handler=chat", "statuscode=101")
    assert "proto=ws " in line
    assert "websocket=true" in line
    assert "sizetoclient=11 " in line
