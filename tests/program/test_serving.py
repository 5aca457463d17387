"""manage.py serve from an empty folder to its end, and what answers meanwhile."""

import json
import re
import signal
import sqlite3
import ssl
from collections.abc import Iterator

import pytest

from mail.tls.certificates import write_certificate
from tests.program.installation import Installation, mode
from tests.program.running import Program
from tests.world.waiting import wait_until
from webserver.recent.records import Answered, decode_answered
from webserver.recent.ring import read_ring

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return Installation(tmp_path_factory.mktemp("serving") / "data")


@pytest.fixture(scope="module")
def serving(installation: Installation) -> Iterator[Program]:
    """One server for all tests here; its stop is a test of its own."""
    with installation.serve() as program:
        program.wait_for("msg=serving")
        yield program
        assert program.stop() == 0
    with sqlite3.connect(installation.data / "moxsite.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.execute("BEGIN EXCLUSIVE")  # nobody holds it open


def test_an_empty_folder_becomes_a_running_server(installation: Installation, serving: Program) -> None:
    status, body = installation.get("/healthz")
    assert (status, json.loads(body)) == (200, {"status": "ok", "database": "ok", "queue": "ok"})


def test_nothing_in_the_data_directory_is_open_to_others(
    installation: Installation, serving: Program
) -> None:
    assert mode(installation.data) == "drwx------"
    assert mode(installation.data / "run" / "pages.sock") == "srw-------"
    for path in installation.data.rglob("*"):
        assert mode(path).endswith("------"), path


def test_static_files_come_from_the_pages_process_and_missing_ones_are_404(
    installation: Installation, serving: Program
) -> None:
    status, body = installation.get("/static/admin/css/base.css")
    assert status == 200
    assert b"DJANGO" in body
    for path in ("/static/none.css", "/static/../manage.py", "/static/%2e%2e/manage.py", "/static/a%00b"):
        assert installation.get(path)[0] == 404, path


def test_challenges_of_a_certificate_authority_are_answered_at_every_host(
    installation: Installation, serving: Program
) -> None:
    path = "/.well-known/acme-challenge/abc-_1"
    assert installation.get(path, {"Host": "www.example.org"})[0] == 404
    with sqlite3.connect(installation.data / "moxsite.sqlite3") as connection:
        connection.execute("INSERT INTO moxsite_acmechallenge VALUES ('abc-_1', 'abc-_1.print', 0)")
    assert installation.get(path, {"Host": "www.example.org"}) == (200, b"abc-_1.print")


def test_a_root_path_that_a_client_claims_is_ignored(installation: Installation, serving: Program) -> None:
    status, body = installation.get("/healthz", {"Daphne-Root-Path": "/healthz"})
    assert status == 200
    assert json.loads(body)["status"] == "ok"


def test_https_answers_with_the_self_made_certificate_and_takes_a_new_one_at_hangup(
    installation: Installation, serving: Program
) -> None:
    address = ("127.0.0.1", 443 + installation.offset)
    first = ssl.get_server_certificate(address)
    secrets = installation.data / "secrets"
    write_certificate(secrets / "self-made-certificate.pem", secrets / "self-made-key.pem", ["new.example"])
    serving.process.send_signal(signal.SIGHUP)
    for _ in range(2):  # by each of the edge processes
        serving.wait_for("certificate reloaded")
    assert ssl.get_server_certificate(address) != first


def test_a_page_asked_for_is_in_the_access_log(installation: Installation, serving: Program) -> None:
    installation.get("/healthz?seen=1")
    line = serving.wait_for("pkg=webserver.access", "method=GET", '"/healthz?seen=1"', "statuscode=200")
    assert "handler=(pages)" in line


def test_metrics_are_for_programs_of_this_machine_alone(installation: Installation, serving: Program) -> None:
    status, body = installation.get("/metrics", {"Host": f"localhost:{80 + installation.offset}"})
    assert status == 200
    assert b"moxsite_processes" in body
    assert installation.get("/metrics", {"Host": "mail.example.org"})[0] == 404
    for name in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Proto", "Via"):
        assert installation.get("/metrics", {name: "1"})[0] == 404, name


def test_other_hosts_show_nothing_of_ours(installation: Installation, serving: Program) -> None:
    status, body = installation.get("/", {"Host": "elsewhere.example"})
    assert status == 404
    assert b"There is nothing here." in body


def test_the_id_of_an_error_page_is_known_to_the_other_processes(
    installation: Installation, serving: Program
) -> None:
    _, body = installation.get("/lost?x", {"Host": "elsewhere.example"})
    (shown,) = re.findall(rb"Request (\w+)", body)
    wait_until(lambda: noted(installation, shown.decode()), "the request is noted")
    (answered,) = noted(installation, shown.decode())
    assert (answered.host, answered.target, answered.status) == ("elsewhere.example", "/lost?x", 404)
    assert answered.handler == "(nomatch)"


def noted(installation: Installation, request_id: str) -> list[Answered]:
    """What all edge processes remember of the request."""
    notes = (installation.data / "run" / "web").glob("answered.*")
    found = [decode_answered(record) for path in notes for record in read_ring(path)]
    return [each for each in found if each is not None and each.id == request_id]
