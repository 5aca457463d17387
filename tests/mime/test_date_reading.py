import datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail import clock
from mail.mime.dates import parse_date

NOON = clock.from_datetime(datetime.datetime(2025, 7, 1, 12, 0, 0, tzinfo=datetime.UTC))

zones = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: datetime.timezone(datetime.timedelta(minutes=minutes))
)


@pytest.mark.parametrize(
    "value",
    [
        b"Tue, 01 Jul 2025 12:00:00 +0000",
        b"Tue, 1 Jul 2025 14:00:00 +0200",
        b"Tue,  1 Jul 2025 07:30:00 -0430 (somewhere (or other))",
        b"1 Jul 2025 12:00 GMT",
        b"Tue, 01 Jul 2025 12:00:00",
        b"Tue, 1 Jul 25 12:00:00 UT",
        b"Tue, 1 Jul 125 12:00:00 Z",
        b"Tuesday, 01-Jul-25 12:00:00 GMT",
        b"Tue, 01 July 2025 08:00:00 EDT",
        b"Tue Jul  1 12:00:00 2025",
        b"Tue Jul  1 05:00:00 PDT 2025",
        b"Tue, 01 Jul 2025 12:00:00 GMT+00:00",
        b"Tue, 01 Jul 2025 12.00.00 +0000",
        b"Die, 01 Jul 2025 12:00:00 -0000",
        b"Tue, (comment) 01 Jul 2025 11:59:60 XYZ",
    ],
)
def test_ways_to_write_one_moment(value: bytes) -> None:
    assert parse_date(value) == NOON


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"today",
        b"Tue, 32 Jul 2025 12:00:00 +0000",
        b"Tue, 01 Foo 2025 12:00:00 +0000",
        b"Tue, 01 Jul 2025 24:00:00 +0000",
        b"Tue, 01 Jul 2025 12:60:00 +0000",
        b"Tue, 01 Jul 0000 12:00:00 +0000",
        b"Tue, 01 Jul 2025 12:00:00 +0075",
        b"Tue, 01 Jul 2025",
        b"\xff\xfe",
    ],
)
def test_what_is_no_date_is_none(value: bytes) -> None:
    assert parse_date(value) is None


@given(st.datetimes(datetime.datetime.fromisoformat("1900-01-01"), timezones=zones))
def test_well_formed_dates_are_read_as_the_email_package_reads_them(moment: datetime.datetime) -> None:
    value = format_datetime(moment)
    assert parse_date(value.encode()) == clock.from_datetime(parsedate_to_datetime(value))


@given(st.binary() | st.text(alphabet="0123456789:+- JulyTe,().").map(str.encode))
def test_any_bytes_give_a_moment_or_none(value: bytes) -> None:
    assert isinstance(parse_date(value), int | None)


@given(
    st.from_regex(
        rb"(Tue, ?)?[0-9]{1,2} (Feb|Jul|Xyz) (20[0-9]{2}|0000) [0-2][0-9]:[0-6][0-9]:[0-6][0-9] "
        rb"[+-][0-2][0-9]{3}( \(CEST\))?",
        fullmatch=True,
    )
)
def test_the_usual_form_is_read_as_the_same_with_something_behind_it(value: bytes) -> None:
    assert parse_date(value) == parse_date(value + b" (so to say)")
