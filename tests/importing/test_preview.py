import datetime
from pathlib import Path

from importer.formats.opening import open_source
from importer.formats.preview import PROBLEMS_KEPT, preview_source
from importer.formats.source import Folder, Preview
from mail import clock
from tests.importing.reading import letter, mbox


def preview(path: Path) -> Preview:
    source = open_source(path)
    try:
        return preview_source(source)
    finally:
        source.close()


def test_a_preview_tells_folders_counts_sizes_and_dates(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail/Sent Items.mbox").write_bytes(mbox(letter("one"), letter("two")))
    (tmp_path / "mail/Work.mbox").write_bytes(b"From me Sun Jan  2 00:00:00 2005\n" + letter("old"))
    found = preview(tmp_path)
    assert found.folders == (
        Folder("mail/Sent Items", "mbox", 2, 46, "Sent", "sent"),
        Folder("mail/Work", "mbox", 1, 23, "Work", ""),
    )
    assert (found.messages, found.bytes, found.prefix) == (3, 69, "mail")
    assert found.formats == ("directory", "mbox")
    assert found.oldest == clock.from_datetime(datetime.datetime(2005, 1, 2, tzinfo=datetime.UTC))
    assert found.newest == clock.from_datetime(datetime.datetime(2025, 7, 1, 12, tzinfo=datetime.UTC))


def test_of_very_many_problems_the_first_are_kept_and_all_counted(tmp_path: Path) -> None:
    (tmp_path / "Good.mbox").write_bytes(mbox(letter("one")))
    for number in range(PROBLEMS_KEPT + 10):
        (tmp_path / f"{number:03d}.jpg").write_bytes(b"x")
    found = preview(tmp_path)
    assert len(found.problems) == PROBLEMS_KEPT
    assert found.problem_count == PROBLEMS_KEPT + 10
    assert str(found.problems[0]) == "000.jpg: It holds no mail that can be read."
