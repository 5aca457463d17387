"""What edge processes remember for other processes to read."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail import clock
from webserver.recent.noting import ANSWERED, ASKED, RecentRequests
from webserver.recent.records import Answered, decode_answered
from webserver.recent.ring import LONGEST_RECORD, SLOT_SIZE, Ring, read_ring

TEXTS = st.text(st.characters(exclude_characters="\t\n", exclude_categories=["Cs"]), max_size=40)


def test_the_newest_records_are_kept(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "ring", 3)
    for number in range(5):
        ring.add(b"%d" % number)
    assert sorted(read_ring(tmp_path / "ring")) == [b"2", b"3", b"4"]
    ring.close()
    assert sorted(read_ring(tmp_path / "ring")) == [b"2", b"3", b"4"]


def test_a_record_that_is_too_long_loses_its_end_and_one_that_is_torn_is_left_out(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "ring", 2)
    ring.add(b"x" * 1000)
    ring.add(b"second")
    assert list(read_ring(tmp_path / "ring")) == [b"x" * LONGEST_RECORD, b"second"]
    with (tmp_path / "ring").open("r+b") as file:
        file.seek(SLOT_SIZE + 8)
        file.write(b"torn")
    assert list(read_ring(tmp_path / "ring")) == [b"x" * LONGEST_RECORD]


def test_files_are_for_nobody_else(tmp_path: Path) -> None:
    recent = RecentRequests(tmp_path / "web")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "web").iterdir()} == {0o600}
    recent.close()


def test_a_path_is_noted_once(tmp_path: Path) -> None:
    recent = RecentRequests(tmp_path)
    for _ in range(3):
        recent.note_asked("https", "www.example.org", "/x")
    recent.note_asked("http", "www.example.org", "/x")
    recent.close()
    assert len(list(read_ring(tmp_path / f"{ASKED}.{os.getpid()}"))) == 2


@settings(max_examples=30, deadline=None)
@given(values=st.lists(TEXTS, min_size=7, max_size=7), status=st.integers(0, 599))
def test_a_record_that_fits_is_read_as_it_was_written(values: list[str], status: int) -> None:
    number, method, host, target, client, handler, reason = values
    answered = Answered(number, 1, method[:20], "https", host, target, client, handler, status, reason)
    if len(answered.encode()) < LONGEST_RECORD:
        assert decode_answered(answered.encode()) == answered


@pytest.mark.parametrize("record", [b"", b"\xff", b"a\tb", b"\t" * 9, b"a\t1\tb\tc\td\te\tf\tg\tx\ti"])
def test_anything_else_is_no_record(record: bytes) -> None:
    assert decode_answered(record) is None


def test_notes_of_processes_long_gone_are_removed(tmp_path: Path) -> None:
    old, live = tmp_path / f"{ANSWERED}.999999999", tmp_path / f"{ANSWERED}.1"
    for path in (old, live):
        path.write_bytes(b"")
    clock.advance(25 * clock.HOUR)
    try:
        RecentRequests(tmp_path).close()
    finally:
        clock.reset()
    assert not old.exists()
    assert live.exists()
