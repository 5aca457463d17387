import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from importer.formats.opening import open_source
from importer.formats.source import Budgets, MessageUnreadable, SourceMessage
from tests.importing.archives import packed, write
from tests.importing.reading import contents, letter, mbox

MIB = 1024 * 1024
SIZE = 32 * MIB
GENEROUS = Budgets(ratio=10**9, message_bytes=1024 * MIB)


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * MIB
    finally:
        tracemalloc.stop()


def read(path: Path, budgets: Budgets = GENEROUS) -> tuple[int, int]:
    """Messages and bytes."""
    messages = size = 0
    source = open_source(path, budgets)
    for event in source.events():
        if isinstance(event, SourceMessage):
            messages += 1
            try:
                size += sum(map(len, event.chunks))
            except MessageUnreadable:
                pass
    source.close()
    return messages, size


@pytest.mark.parametrize("start", [b"Subject: x\n\n", b"X: "])
def test_a_line_without_end_is_read_in_pieces(tmp_path: Path, start: bytes) -> None:
    file = tmp_path / "line.mbox"
    with open(file, "wb") as out:
        out.write(b"From carol@remote.example Tue Jul  1 12:00:00 2025\n" + start)
        out.truncate(SIZE)
    with at_most(12):
        assert read(file)[0] == 1


def test_a_line_without_end_in_an_archive_is_read_in_pieces(tmp_path: Path) -> None:
    folder = write(tmp_path / "mail", {"cur/1": b"Subject: x\n\n"})
    with open(folder / "cur/1", "r+b") as out:
        out.truncate(SIZE)
    for kind in ("tgz", "zip"):
        archive = packed(folder, kind)
        with at_most(12):
            assert read(archive) == (1, SIZE + 2)


def test_a_message_over_its_budget_is_passed_over_in_pieces(tmp_path: Path) -> None:
    file = tmp_path / "two.mbox"
    with open(file, "wb") as out:
        out.write(mbox(letter("large"))[:-1])
        out.truncate(SIZE)
        out.seek(0, 2)
        out.write(b"\n\n" + mbox(letter("two")))
    with at_most(12):
        assert read(file, Budgets(message_bytes=MIB))[0] == 2
    assert "larger than 1 MiB" in contents(file, Budgets(message_bytes=MIB)).problems[0]


def test_very_many_messages_leave_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "many.mbox"
    with open(file, "wb") as out:
        for _ in range(4):
            out.write(mbox(*[letter("x", "Status: RO")] * 500))
    with at_most(5):
        assert read(file)[0] == 2000
