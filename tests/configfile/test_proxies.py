"""Transports that are reached through others, in files: what counts is the state after the change."""

import itertools

import pytest

from delivery.models import Transport
from moxsite.configfile import export_text
from tests.configfile.applying import apply, problems
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

TUNNEL = '[transports.tunnel]\nkind = "socks"\naddress = "127.0.0.1:9050"\n'
OTHER = '[transports.other]\nkind = "socks"\naddress = "[::1]:1080"\n'
RELAY = '[transports.relay]\nkind = "smtp"\nhost = "relay.example"\n'
BEHIND_TUNNEL = RELAY + 'proxy = "tunnel"\n'
BEHIND_OTHER = RELAY + 'proxy = "other"\n'
RELAY_IS_PROXY = (
    '[transports.relay]\nkind = "socks"\naddress = "127.0.0.1:9050"\n'
    '[transports.tunnel]\nkind = "smtp"\nhost = "tunnel.example"\nproxy = "relay"\n'
)


def proxy() -> str:
    settings = Transport.objects.get(name="relay").settings
    return str(settings.get("proxy", ""))


def test_relay_and_proxy_come_together(world: World) -> None:
    assert apply(BEHIND_TUNNEL + TUNNEL) == [
        "+ transport tunnel: kind '' -> 'socks', address unset -> '127.0.0.1:9050'",
        "+ transport relay: kind '' -> 'smtp', host unset -> 'relay.example', proxy unset -> 'tunnel'",
    ]
    assert apply(export_text()) == []


FILES = (
    BEHIND_TUNNEL + TUNNEL,
    BEHIND_OTHER + OTHER,
    RELAY,
    RELAY_IS_PROXY,
    "",
    OTHER + BEHIND_TUNNEL + TUNNEL,
)


def test_every_state_leads_to_every_other(world: World) -> None:
    for before, after in itertools.permutations(FILES, 2):
        apply(before)
        apply(after)
        assert apply(after) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BEHIND_TUNNEL, "there is no transport named tunnel in this file"),
        (
            BEHIND_TUNNEL + "[transports.tunnel]\n",
            "tunnel is a transport of kind direct; a proxy is one of kind socks in this file",
        ),
        (
            RELAY + 'proxy = "relay"\n',
            "relay is a transport of kind smtp; a proxy is one of kind socks in this file",
        ),
    ],
)
def test_a_proxy_must_be_one_in_the_file(world: World, text: str, problem: str) -> None:
    apply(BEHIND_TUNNEL + TUNNEL)
    assert problems(text) == [f"transports.relay.proxy: {problem} (line 4)"]
    assert proxy() == "tunnel"


def test_no_chains(world: World) -> None:
    assert problems(TUNNEL + 'proxy = "other"\n' + OTHER) == [
        "transports.tunnel.proxy: is not a setting of this kind of transport (line 4)"
    ]


def test_the_password_of_a_proxy_is_kept_like_any_other(world: World) -> None:
    text = TUNNEL + 'username = "me"\n'
    assert "password set" in apply(text + 'password = "secret"\n')[0]
    assert apply(text + "ipv6 = false\n") == ["~ transport tunnel: ipv6 unset -> false"]
    row = Transport.objects.get(name="tunnel")
    assert row.password == "secret"
    assert b"secret" not in bytes(row.password_sealed)
    assert "secret" not in export_text()


def test_weights_stand_beside_the_hosts(world: World) -> None:
    weighted = '[transports.relay]\nkind = "smtp"\nhosts = [\n{host = "a.example", weight = 3},\n'
    text = weighted + '{host = "b.example:26", weight = 1},\n]\n'
    assert apply(text) == [
        "+ transport relay: kind '' -> 'smtp', hosts unset -> "
        "[{host = 'a.example', weight = 3}, {host = 'b.example:26', weight = 1}]"
    ]
    assert apply(export_text()) == []
    assert problems(text.replace("weight = 1}", "wait = 1}")) == [
        "transports.relay.hosts: an entry is a name, or a table of host and weight (line 3)"
    ]
