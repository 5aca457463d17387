"""The id of an error page leads to what was decided about its request."""

import re
from pathlib import Path

from tests.edge.serving import Recorder, running_edge
from webserver.dispatch.dispatcher import read_request
from webserver.edge.exchange import Exchange
from webserver.recent.noting import ANSWERED, ASKED, RecentRequests
from webserver.recent.observing import NotesRecent, observe_recent
from webserver.recent.records import decode_answered
from webserver.recent.ring import read_ring


def refuse(exchange: Exchange) -> None:
    exchange.request = read_request(exchange, "")
    exchange.handler, exchange.error = "app", "the backend refused the connection"
    exchange.refuse(502, "The server behind this page does not answer.")


def answer(exchange: Exchange) -> None:
    exchange.request = read_request(exchange, "")
    exchange.handler = "site"
    exchange.respond(200, [], b"fine")


def test_a_refused_request_is_found_by_the_id_that_its_page_shows(tmp_path: Path) -> None:
    recent, following = RecentRequests(tmp_path), Recorder()
    with running_edge(refuse) as edge:
        answered = edge.get("/x%20y?z", "WWW.example.org:8080")
        (exchange,) = edge.recorder.wait_for(1)
    NotesRecent(recent, following).ended(exchange)
    recent.close()
    assert following.exchanges == [exchange]
    (shown,) = re.findall(rb"Request (\w+)", answered.content)
    (record,) = read_ring(next(tmp_path.glob(f"{ANSWERED}.*")))
    found = decode_answered(record)
    assert found is not None
    assert (found.id, found.status, found.handler) == (shown.decode(), 502, "app")
    assert (found.host, found.target, found.client) == ("www.example.org", "/x%20y?z", "127.0.0.1")
    assert found.reason == "the backend refused the connection"


def test_of_others_only_the_path_is_remembered_without_its_query(tmp_path: Path) -> None:
    recent = RecentRequests(tmp_path)
    with running_edge(answer) as edge:
        edge.get("/a//b?secret")
        (exchange,) = edge.recorder.wait_for(1)
    NotesRecent(recent, Recorder()).ended(exchange)
    recent.close()
    assert list(read_ring(next(tmp_path.glob(f"{ANSWERED}.*")))) == []
    (record,) = read_ring(next(tmp_path.glob(f"{ASKED}.*")))
    assert record.split(b"\t")[1:] == [b"http", b"www.example.org", b"/a/b"]


def test_where_no_notes_can_be_kept_requests_are_answered_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "web").write_text("a file, no folder")
    following = Recorder()
    assert observe_recent(tmp_path / "web", following) is following
