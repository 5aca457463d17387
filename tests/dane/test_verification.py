"""Which certificates a set of TLSA records vouches for."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.dane.associations import is_usable
from delivery.dane.verification import NO_MATCH, WRONG_NAME, TlsaPolicy
from mail import clock
from mail.dns.answers import TlsaRecord
from tests.world.chains import Chain, tlsa

HOST = "mx.remote.example"
BEFORE_ALL = -40 * 365 * clock.DAY
"""Back to when none of the certificates was valid yet."""

FORMS = list(itertools.product((0, 1), (0, 1, 2)))


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return Chain(tmp_path_factory.mktemp("chain"), HOST)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return Chain(tmp_path_factory.mktemp("stranger"), HOST)


def policy(*records: TlsaRecord, names: tuple[str, ...] = (HOST,)) -> TlsaPolicy:
    return TlsaPolicy(HOST, names, records)


@pytest.mark.parametrize(("selector", "matching_type"), FORMS)
def test_a_record_of_the_server_vouches_for_it_alone(
    chain: Chain, stranger: Chain, selector: int, matching_type: int
) -> None:
    demand = policy(tlsa(chain.leaf, 3, selector, matching_type))
    assert demand.usable
    assert demand.problem(chain.certificates) == ""
    assert demand.problem([chain.leaf]) == ""
    assert demand.problem(stranger.certificates) == NO_MATCH


def test_a_record_of_the_server_asks_for_no_name_and_no_date(chain: Chain) -> None:
    demand = policy(tlsa(chain.leaf, 3), names=("other.example",))
    clock.advance(BEFORE_ALL)
    try:
        assert demand.problem([chain.leaf]) == ""
    finally:
        clock.reset()


@pytest.mark.parametrize(("selector", "matching_type"), FORMS)
@pytest.mark.parametrize("place", [1, 2], ids=["intermediate", "root"])
def test_a_record_of_an_authority_vouches_for_what_it_has_signed(
    chain: Chain, stranger: Chain, place: int, selector: int, matching_type: int
) -> None:
    demand = policy(tlsa(chain.certificates[place], 2, selector, matching_type))
    assert demand.problem(chain.certificates) == ""
    assert demand.problem(stranger.certificates) == NO_MATCH
    # Adding the anchor to a foreign chain proves nothing.
    assert demand.problem([stranger.leaf, *chain.certificates[1:]]) == NO_MATCH


def test_a_whole_anchor_need_not_be_shown(chain: Chain) -> None:
    for selector in (0, 1):
        demand = policy(tlsa(chain.anchor, 2, selector, 0))
        assert demand.problem(chain.certificates[:2]) == ""
        assert demand.problem([chain.leaf]) == NO_MATCH
    assert policy(tlsa(chain.anchor, 2, 0, 1)).problem(chain.certificates[:2]) == NO_MATCH


def test_an_authority_vouches_for_names_that_lead_there_only(chain: Chain) -> None:
    record = tlsa(chain.authority, 2)
    assert policy(record, names=("other.example", HOST)).problem(chain.certificates) == ""
    assert policy(record, names=("other.example",)).problem(chain.certificates) == WRONG_NAME


def test_an_authority_vouches_for_nothing_outside_its_dates(chain: Chain) -> None:
    demand = policy(tlsa(chain.authority, 2), tlsa(chain.anchor, 2, 1, 0))
    clock.advance(BEFORE_ALL)
    try:
        assert demand.problem(chain.certificates) == NO_MATCH
    finally:
        clock.reset()


def test_one_fitting_record_is_enough(chain: Chain, stranger: Chain) -> None:
    records = [
        tlsa(stranger.leaf, 3),
        tlsa(stranger.anchor, 2),
        tlsa(chain.anchor, 2),
        TlsaRecord(9, 9, 9, b""),
    ]
    assert policy(*records).problem(chain.certificates) == ""


def test_no_certificate_is_no_match(chain: Chain) -> None:
    assert policy(tlsa(chain.leaf, 3)).problem([]) == NO_MATCH


@pytest.mark.parametrize(
    "change",
    [{"usage": 0}, {"usage": 1}, {"usage": 255}, {"selector": 2}, {"matching_type": 3}, {"data": b"x" * 31},
     {"matching_type": 2}, {"matching_type": 0}, {"data": b""}],
    ids=str,
)  # fmt: skip
def test_what_means_nothing_here_is_unusable(chain: Chain, change: dict[str, int]) -> None:
    record = tlsa(chain.leaf, 3)
    assert is_usable(record)
    assert not is_usable(replace(record, **change))  # type: ignore[arg-type]


@given(st.integers(0, 4), st.integers(0, 2), st.integers(0, 3), st.binary(max_size=80))
def test_no_record_breaks_anything(usage: int, selector: int, matching_type: int, data: bytes) -> None:
    record = TlsaRecord(usage, selector, matching_type, data)
    assert policy(record).problem([_LONE.leaf, _LONE.authority]) == NO_MATCH or not is_usable(record)


_LONE = Chain(Path("/nonexistent"), HOST)
