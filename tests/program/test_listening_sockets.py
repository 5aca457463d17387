"""Opening listening sockets and handing them to another process."""

import ipaddress
import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mail.process.inherited import (
    SOCKETS_VARIABLE,
    WrongSockets,
    describe_sockets,
    service_sockets,
    take_inherited_sockets,
)
from mail.process.listening import (
    CannotListen,
    can_bind,
    close_sockets,
    listen_addresses,
    open_listening_sockets,
    open_unix_socket,
)
from mail.process.unixpath import short_path
from tests.program.running import ROOT, free_port_offset

LOOPBACK = ipaddress.ip_address("127.0.0.1")
HERE_BUT_NOWHERE = ipaddress.ip_address("192.0.2.77")


def test_without_configured_addresses_everything_is_listened_on() -> None:
    everything = [str(address) for address in listen_addresses([])]
    assert everything == (["0.0.0.0", "::"] if can_bind(ipaddress.ip_address("::")) else ["0.0.0.0"])


def test_ipv4_and_ipv6_are_separate_sockets_on_the_same_port() -> None:
    if not can_bind(ipaddress.ip_address("::1")):
        pytest.skip("this machine has no IPv6")
    sockets = open_listening_sockets(["smtp"], [], free_port_offset())
    try:
        first, second = sockets["smtp"]
        assert {first.family, second.family} == {socket.AF_INET, socket.AF_INET6}
        assert first.getsockname()[1] == second.getsockname()[1]
    finally:
        close_sockets(sockets)


def test_an_address_given_twice_is_opened_once() -> None:
    assert listen_addresses([LOOPBACK, LOOPBACK]) == (LOOPBACK,)


def test_all_problems_are_told_at_once_and_nothing_stays_open() -> None:
    offset = free_port_offset()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 25 + offset))
        other.listen()
        with pytest.raises(CannotListen) as caught:
            open_listening_sockets(["smtp", "http"], [LOOPBACK, HERE_BUT_NOWHERE], offset)
    problems = caught.value.problems
    assert f"Port {25 + offset} of 127.0.0.1 is in use" in problems[0]
    assert "no address 192.0.2.77" in problems[1]
    assert "no address 192.0.2.77" in problems[2]
    close_sockets(open_listening_sockets(["http"], [LOOPBACK], offset))


def test_missing_permission_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(CannotListen, match=r"No permission to listen on port 25 of 127.0.0.1.*--user NAME"):
        open_listening_sockets(["smtp"], [LOOPBACK], 0)


@pytest.mark.parametrize("folder", ["short", "d" * 120])
def test_a_unix_socket_replaces_an_old_one_and_is_for_its_owner_only(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "pages.sock"
    path.parent.mkdir()
    open_unix_socket(str(path)).close()
    with open_unix_socket(str(path)), socket.socket(socket.AF_UNIX) as client:
        assert stat.filemode(path.stat().st_mode) == "srw-------"
        with short_path(str(path)) as usable:
            client.connect(usable)


def test_another_process_takes_the_sockets_by_name() -> None:
    sockets = open_listening_sockets(["smtp", "http"], [LOOPBACK], free_port_offset())
    code = (
        "from mail.process.inherited import service_sockets\n"
        "s = service_sockets(['smtp', 'submission'], [], 0)\n"
        "print({name: [x.getsockname()[1] for x in group] for name, group in s.items()})\n"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, SOCKETS_VARIABLE: describe_sockets(sockets)},
            pass_fds=[listener.fileno() for group in sockets.values() for listener in group],
            capture_output=True,
            text=True,
        )
        assert done.stdout == f"{ {'smtp': [sockets['smtp'][0].getsockname()[1]], 'submission': []} }\n"
    finally:
        close_sockets(sockets)


def test_a_role_without_a_supervisor_opens_its_own_sockets() -> None:
    offset = free_port_offset()
    sockets = service_sockets(["smtp"], [LOOPBACK], offset)
    try:
        assert sockets["smtp"][0].getsockname() == ("127.0.0.1", 25 + offset)
    finally:
        close_sockets(sockets)


@pytest.mark.parametrize("value", ["", "{", "[3]", '{"smtp": 3}', '{"smtp": ["x"]}', '{"smtp": [9999]}'])
def test_a_wrong_description_stops_with_its_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(SOCKETS_VARIABLE, value)
    with pytest.raises(WrongSockets, match=SOCKETS_VARIABLE):
        take_inherited_sockets()
    assert SOCKETS_VARIABLE not in os.environ


def test_a_descriptor_that_does_not_listen_is_refused_and_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.socket() as other:
        monkeypatch.setenv(SOCKETS_VARIABLE, json.dumps({"smtp": [other.fileno()]}))
        with pytest.raises(WrongSockets, match="does not listen"):
            take_inherited_sockets()
        assert other.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
