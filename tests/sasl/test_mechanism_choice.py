"""Which mechanism a client uses, and which a server offers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.sasl.binding import ChannelBinding
from mail.sasl.choice import (
    CLEAR_TEXT,
    CLIENT_MECHANISMS,
    NoMechanism,
    begin_client,
    choose_mechanism,
    client_mechanism,
)
from mail.sasl.mechanism import SaslError
from mail.sasl.offer import SERVER_MECHANISMS, offered_mechanisms, server_exchange

BINDING = ChannelBinding("tls-exporter", b"x" * 32)
P256, S256, P1, S1 = SCRAM = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1")
OFFERS = st.lists(st.sampled_from([*CLIENT_MECHANISMS, "GSSAPI"]), unique=True)


@pytest.mark.parametrize(
    ("configured", "offered", "tls", "chosen"),
    [
        ([], ["LOGIN", "PLAIN", "CRAM-MD5"], True, "CRAM-MD5"),
        ([], ["LOGIN", "PLAIN"], True, "PLAIN"),
        ([], ["LOGIN"], True, "LOGIN"),
        ([], ["PLAIN", "CRAM-MD5"], False, "CRAM-MD5"),
        ([], ["PLAIN", "CRAM-MD5", S1, S256], False, S256),
        ([], ["PLAIN", "CRAM-MD5", S1, P1, S256, P256], True, P256),
        ([], ["CRAM-MD5", S1, P1], True, P1),
        ([], ["CRAM-MD5", S1, P1], False, S1),
        ([S1, P256], [P256, S1], True, S1),
        ([P256, S1], [P256, S1], False, S1),
        (["PLAIN", "CRAM-MD5"], ["CRAM-MD5", "PLAIN"], True, "PLAIN"),
        (["PLAIN"], ["PLAIN"], False, "PLAIN"),
        (["CRAM-MD5", "LOGIN"], ["LOGIN"], False, "LOGIN"),
        (["plain"], ["Plain"], True, "PLAIN"),
        (["GSSAPI", "PLAIN"], ["GSSAPI", "PLAIN"], True, "PLAIN"),
    ],
)
def test_the_first_configured_mechanism_that_is_offered_is_used(
    configured: list[str], offered: list[str], tls: bool, chosen: str
) -> None:
    assert choose_mechanism(configured, offered, tls=tls, binding=tls) == chosen


def test_plus_needs_something_to_bind_to() -> None:
    assert choose_mechanism([], [P256, S256], tls=True, binding=False) == S256
    with pytest.raises(SaslError, match="needs TLS"):
        client_mechanism(P256, "alice", "password")


@pytest.mark.parametrize(
    ("configured", "offered", "tls", "message"),
    [
        (
            [],
            ["PLAIN", "LOGIN"],
            False,
            "without TLS: the server offers PLAIN, LOGIN; allowed here are SCRAM",
        ),
        (["CRAM-MD5"], ["PLAIN"], True, "with TLS: the server offers PLAIN; allowed here are CRAM-MD5"),
        ([P256], [P256], False, f"the server offers {P256}; allowed here are none"),
        ([], [], True, "the server offers none"),
        ([], ["GSSAPI"], True, "the server offers GSSAPI"),
    ],
)
def test_when_nothing_fits_the_message_names_the_offers_and_what_was_allowed(
    configured: list[str], offered: list[str], tls: bool, message: str
) -> None:
    with pytest.raises(NoMechanism, match=message):
        choose_mechanism(configured, offered, tls=tls, binding=tls)


@given(st.lists(st.sampled_from(CLIENT_MECHANISMS), unique=True), OFFERS, st.booleans(), st.booleans())
def test_passwords_go_out_in_clear_text_only_where_that_was_configured(
    configured: list[str], offered: list[str], tls: bool, binding: bool
) -> None:
    try:
        chosen = choose_mechanism(configured, offered, tls=tls, binding=binding)
    except NoMechanism:
        return
    assert chosen in offered
    assert tls or chosen not in CLEAR_TEXT or chosen in configured
    assert (tls and binding) or not chosen.endswith("-PLUS")


@pytest.mark.parametrize(
    ("configured", "offered", "binding", "flag"),
    [
        ([], [S256, S1], BINDING, "y"),
        ([P256, S1], [S1], BINDING, "y"),
        ([P1, S256], [S256], BINDING, "y"),
        ([], [S256, S1], None, "n"),
        ([S256, S1], [S256], BINDING, "n"),
        ([S256, P256], [S256], BINDING, "n"),
        ([], [P256, S256], BINDING, "p=tls-exporter"),
    ],
)
def test_a_server_learns_that_binding_was_wanted_and_not_offered(
    configured: list[str], offered: list[str], binding: ChannelBinding | None, flag: str
) -> None:
    client = begin_client(configured, offered, "alice", "password", tls=True, binding=binding)
    message = client.initial()
    assert message is not None
    assert message.startswith(f"{flag},,n=alice,r=".encode())


@pytest.mark.parametrize("name", CLIENT_MECHANISMS)
def test_every_mechanism_has_a_client_and_a_server_of_its_name(name: str) -> None:
    client = client_mechanism(name, "alice", "password", binding=BINDING)
    server = server_exchange(name, "mail.example.org", BINDING)
    assert client.name == server.name == name
    assert not client.finished
    assert name in SERVER_MECHANISMS


def test_a_server_offers_the_strongest_first_and_plus_only_with_a_binding() -> None:
    possible = {"LOGIN", "PLAIN", *SCRAM}
    assert offered_mechanisms(possible, BINDING) == [*SCRAM, "PLAIN", "LOGIN"]
    assert offered_mechanisms(possible, None) == [S256, S1, "PLAIN", "LOGIN"]
    assert offered_mechanisms({"CRAM-MD5", *possible}, BINDING)[4] == "CRAM-MD5"
