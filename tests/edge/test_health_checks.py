"""Backends are asked how they are, and those that are unwell are asked for nothing while others are well."""

import json
from dataclasses import replace

import pytest

from tests.edge.backends import Talk, Talker, talking
from tests.edge.serving import EdgeUnderTest
from tests.edge.sites import handler, install, site
from tests.world.waiting import wait_until
from webserver.handlers.forward.health import BackendState, decode, encode, merged
from webserver.handlers.forward.kind import KIND
from webserver.handlers.forward.serving import checks
from webserver.handlers.kind import Place
from webserver.routing.values import Backend, ForwardSettings, HealthCheck, web_snapshot

pytestmark = pytest.mark.only_database("sqlite")

CHECK = HealthCheck("/healthz?deep", seconds=0.02)


class Server:
    """Answers with its name; its health is what the test says."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.health = b"200 OK"
        self.checked = 0
        self.heads: list[bytes] = []

    def talk(self, talker: Talker) -> None:
        """A connection."""
        while head := talker.head():
            if head.startswith(b"GET /healthz?deep HTTP/1.1\r\n"):
                self.heads.append(head)
                self.checked += 1
                talker.say(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % self.health)
            else:
                talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + self.name.encode())


def states(edge: EdgeUnderTest) -> dict[str, str]:
    """What is wrong with backends, by their URL."""
    assert edge.dispatcher is not None
    return {state.url: state.problem for state in edge.dispatcher._compiler.checks.states()}


def answered(edge: EdgeUnderTest, times: int = 6) -> set[bytes]:
    """Who answers."""
    return {edge.get("/").content for _ in range(times)}


def test_an_unwell_backend_is_asked_last_until_it_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "AGAIN_SECONDS", 0.02)
    a, b = Server("a"), Server("b")
    with talking(a.talk) as one, talking(b.talk) as other:
        forward = ForwardSettings((one.backend, other.backend), health=CHECK)
        with site(handler(forward)) as edge:
            assert answered(edge) == {b"a", b"b"}
            a.health = b"503 Busy"
            wait_until(lambda: bool(states(edge)[one.backend.url]), "the check fails")
            assert states(edge)[one.backend.url] == "answers 503 instead of one below 400"
            assert states(edge)[other.backend.url] == ""
            assert answered(edge) == {b"b"}
            b.health = b"500 No"
            wait_until(lambda: bool(states(edge)[other.backend.url]), "the other fails too")
            assert answered(edge) == {b"a", b"b"}, "when none is well, all are asked"
            a.health = b"204 Fine"
            wait_until(lambda: not states(edge)[one.backend.url], "it is well again")
            assert answered(edge) == {b"a"}
    assert f"Host: 127.0.0.1:{one.backend.port}\r\n".encode() in a.heads[0]


def test_one_failure_is_chance_and_a_certain_status_can_be_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "AGAIN_SECONDS", 0.02)
    a = Server("a")
    with talking(a.talk) as one:
        forward = ForwardSettings((one.backend,), health=replace(CHECK, status=418))
        with site(handler(forward)) as edge:
            wait_until(lambda: bool(states(edge)[one.backend.url]), "200 is not 418")
            assert a.checked >= 2
            assert answered(edge, 1) == {b"a"}
            a.health = b"418 Teapot"
            wait_until(lambda: not states(edge)[one.backend.url], "418 is")


def test_a_backend_that_is_gone_or_talks_nonsense_is_unwell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "AGAIN_SECONDS", 0.02)
    monkeypatch.setattr(checks, "MOST_SECONDS", 0.5)

    def nonsense(talker: Talker) -> None:
        talker.head()
        talker.say(b"nonsense")

    def silent(talker: Talker) -> None:
        talker.head()
        talker.head()

    nobody = Backend("http://127.0.0.1:1", False, "127.0.0.1", 1)
    talks: list[Talk] = [nonsense, silent]
    with talking(talks[0]) as one, talking(talks[1]) as other:
        forward = ForwardSettings((nobody, one.backend, other.backend), health=CHECK)
        with site(handler(forward)) as edge:
            wait_until(lambda: len([each for each in states(edge).values() if each]) == 3, "all are unwell")
            found = states(edge)
            assert "not HTTP" in found[one.backend.url]
            assert found[other.backend.url] == "no answer in time"


def test_checks_end_with_their_handler() -> None:
    a = Server("a")
    with talking(a.talk) as one:
        forward = ForwardSettings((one.backend,), health=CHECK)
        with site(handler(forward)) as edge:
            wait_until(lambda: a.checked > 0, "it is checked")
            install(edge, web_snapshot({}, (handler(replace(forward, health=None)),)))
            assert edge.dispatcher is not None
            assert not edge.dispatcher._compiler.checks._running
            assert answered(edge, 1) == {b"a"}


def test_states_are_told_and_the_worst_one_counts() -> None:
    well, unwell = BackendState("http://a", "", 5), BackendState("http://a", "gone", 3)
    assert decode(encode([well])) == [well]
    assert merged([[well], [unwell], [BackendState("http://b", "", 0)]])["http://a"] == unwell
    with pytest.raises(ValueError, match="list"):
        decode(json.dumps([1]).encode())


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"health_path": "/ok", "health_seconds": 5, "health_status": 204}, ""),
        ({}, ""),
        ({"health_path": "healthz"}, "health_path"),
        ({"health_path": "/a b"}, "health_path"),
        ({"health_path": "/", "health_seconds": -1}, "health_seconds"),
        ({"health_path": "/", "health_status": 100}, "health_status"),
    ],
)
def test_settings(more: dict[str, object], wrong: str) -> None:
    found, problems = KIND.read({"url": "http://a", **more}, Place())
    assert [problem.field for problem in problems] == ([wrong] if wrong else [])
    if not wrong:
        assert isinstance(found, ForwardSettings)
        assert found.health == (HealthCheck("/ok", 5.0, 204) if more else None)
