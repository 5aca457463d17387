"""The TXT record that announces a policy."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.mtasts.record import InvalidRecord, policy_id

IDS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=32)
BLANKS = st.text(" \t", max_size=2)


@given(IDS, BLANKS, BLANKS, st.booleans())
def test_the_id_is_found_whatever_the_blanks(identifier: str, before: str, after: str, ended: bool) -> None:
    record = f"v=STSv1{before};{after}id={identifier}{before}" + (";" if ended else "")
    assert policy_id([record]) == identifier


def test_unknown_fields_are_ignored() -> None:
    assert policy_id(["v=STSv1; mood=good; id=20250701; x-y.z=1"]) == "20250701"


@pytest.mark.parametrize("texts", [[], ["v=spf1 -all"], ["v=STSv10; id=1"], ["V=stsv1; id=1"]])
def test_other_records_announce_nothing(texts: list[str]) -> None:
    assert policy_id(texts) is None


def test_a_foreign_record_beside_it_does_not_matter() -> None:
    assert policy_id(["some proof of ownership", "v=STSv1; id=1;"]) == "1"


@pytest.mark.parametrize(
    "texts",
    [
        ["v=STSv1; id=1", "v=STSv1; id=1"],
        ["v=STSv1"],
        ["v=STSv1;"],
        ["v=STSv1; id="],
        ["v=STSv1; id=1-2"],
        ["v=STSv1; id=" + "1" * 33],
        ["v=STSv1; id=1; id=2"],
        ["v=STSv1; id=1;; x=1"],
        ["v=STSv1; nonsense; id=1"],
    ],
)
def test_what_makes_no_sense_is_told(texts: list[str]) -> None:
    with pytest.raises(InvalidRecord):
        policy_id(texts)


@given(st.lists(st.text(max_size=60), max_size=3))
def test_any_text_gives_an_id_nothing_or_the_one_error(texts: list[str]) -> None:
    try:
        found = policy_id(texts)
    except InvalidRecord:
        return
    assert found is None or 1 <= len(found) <= 32
