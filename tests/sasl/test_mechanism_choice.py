"""Which mechanism a client uses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.sasl.choice import (
    CLEAR_TEXT,
    CLIENT_MECHANISMS,
    NoMechanism,
    choose_mechanism,
    client_mechanism,
    server_exchange,
)

OFFERS = st.lists(
    st.sampled_from(["CRAM-MD5", "PLAIN", "LOGIN", "GSSAPI", "SCRAM-SHA-256-PLUS"]), unique=True
)


@pytest.mark.parametrize(
    ("configured", "offered", "tls", "chosen"),
    [
        ([], ["LOGIN", "PLAIN", "CRAM-MD5"], True, "CRAM-MD5"),
        ([], ["LOGIN", "PLAIN"], True, "PLAIN"),
        ([], ["LOGIN"], True, "LOGIN"),
        ([], ["PLAIN", "CRAM-MD5"], False, "CRAM-MD5"),
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
    assert choose_mechanism(configured, offered, tls=tls) == chosen


@pytest.mark.parametrize(
    ("configured", "offered", "tls", "message"),
    [
        ([], ["PLAIN", "LOGIN"], False, "without TLS: the server offers PLAIN, LOGIN; wanted was CRAM-MD5, "),
        (["CRAM-MD5"], ["PLAIN"], True, "with TLS: the server offers PLAIN; wanted was CRAM-MD5"),
        ([], [], True, "the server offers none"),
        ([], ["GSSAPI"], True, "the server offers GSSAPI"),
    ],
)
def test_when_nothing_fits_the_message_names_the_offers(
    configured: list[str], offered: list[str], tls: bool, message: str
) -> None:
    with pytest.raises(NoMechanism, match=message):
        choose_mechanism(configured, offered, tls=tls)


@given(st.lists(st.sampled_from(CLIENT_MECHANISMS), unique=True), OFFERS, st.booleans())
def test_passwords_go_out_in_clear_text_only_where_that_was_configured(
    configured: list[str], offered: list[str], tls: bool
) -> None:
    try:
        chosen = choose_mechanism(configured, offered, tls=tls)
    except NoMechanism:
        return
    assert chosen in offered
    assert tls or chosen not in CLEAR_TEXT or chosen in configured


@pytest.mark.parametrize("name", CLIENT_MECHANISMS)
def test_every_mechanism_has_a_client_and_a_server_of_its_name(name: str) -> None:
    client, server = (
        client_mechanism(name, "alice", "password"),
        server_exchange(name.lower(), "mail.example.org"),
    )
    assert client.name == name
    assert not client.finished
    assert server is not None
    assert server.name == name


def test_an_unknown_mechanism_has_no_server() -> None:
    assert server_exchange("GSSAPI", "mail.example.org") is None
