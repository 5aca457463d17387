import datetime
import mailbox
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.formats.source import Budgets, SourceError
from importer.mbox.from_line import parse_from_line
from importer.mbox.quoting import unquoted, unquoted_pieces
from importer.mbox.splitter import MboxSplitter
from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mailformats.keywords import is_keyword
from mail.mailformats.mbox import mbox_message
from tests.importing.reading import contents, letter, mbox

NOON = clock.from_datetime(datetime.datetime(2025, 7, 1, 12, 0, 0, tzinfo=datetime.UTC))
KEYWORDS = st.text("abcXYZ$0123456789-_.", min_size=1, max_size=12).filter(is_keyword)
FLAGS = st.builds(
    MessageFlags,
    seen=st.booleans(),
    answered=st.booleans(),
    flagged=st.booleans(),
    draft=st.booleans(),
    deleted=st.booleans(),
    keywords=st.frozensets(KEYWORDS, max_size=4),
)
PIECES = [
    b"\r\n",
    b"\r\n\r\n",
    b"\r",
    b">",
    b">>",
    b"From ",
    b"From a@b Tue Jul  1 12:00:00 2025",
    b"Status: RO\r\n",
    b"X-Status: A\r\n",
    b"X-Keywords: own\r\n",
    b"Subject: y\r\n",
    b"X-Mozilla-Status: 0001\r\n",
    b"Content-Length: 6\r\n",
    b"text",
    b"\xff\0",
]
# A CR before a line end can't be told from a line end where lines end in LF.
LETTERS = (
    st.lists(st.sampled_from(PIECES), max_size=25)
    .map(lambda pieces: b"".join(pieces) + b"\r\n")
    .filter(lambda text: b"\r\r\n" not in text)
)


def read(tmp_path: Path, data: bytes) -> list[bytes]:
    file = tmp_path / "Some.mbox"
    file.write_bytes(data)
    return contents(file).texts()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_messages_are_split_and_get_cr_lf(tmp_path: Path, end: bytes) -> None:
    data = mbox(letter("one"), letter("two")).replace(b"\n", end)
    assert read(tmp_path, data) == [b"Subject: one\r\n\r\nHello\r\n", b"Subject: two\r\n\r\nHello\r\n"]


@given(st.lists(st.sampled_from([b"F", b"x" * 300, b"\n", b"From ", b"From y", b"\n\nFrom "]), max_size=60))
def test_a_message_starts_only_where_a_line_does_however_many_capital_f_there_are(texts: list[bytes]) -> None:
    text = b"".join(texts) + b"\n\n"
    data = b"From a@b Tue Jul  1 12:00:00 2025\nSubject: x\n\n" + text
    data += b"From a@b Tue Jul  1 12:00:00 2025\nSubject: y\n\nEnd\n"
    pieces = (data[start : start + 700] for start in range(0, len(data), 700))
    whole = [message.text for message in MboxSplitter(iter([data])).messages()]
    assert whole == [message.text for message in MboxSplitter(pieces).messages()]
    assert whole == [b"Subject: x\n\n" + text[:-1], b"Subject: y\n\nEnd\n"]


def test_the_last_byte_is_kept_when_the_last_line_has_no_end(tmp_path: Path) -> None:
    assert read(tmp_path, mbox(letter("one"))[:-2]) == [b"Subject: one\r\n\r\nHello"]


def test_blank_lines_before_the_first_message_are_passed_over(tmp_path: Path) -> None:
    assert len(read(tmp_path, b"\n\r\n" + mbox(letter("one")))) == 1


def test_an_empty_mbox_file_is_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "Empty.mbox").write_bytes(b"")
    assert contents(tmp_path).folders == ["Empty"]


@pytest.mark.parametrize(
    ("line", "sender", "hours"),
    [
        (b"From carol@remote.example Tue Jul  1 12:00:00 2025", "carol@remote.example", 0),
        (b"From carol@remote.example  Tue Jul 01 12:00:00 2025", "carol@remote.example", 0),
        (b"From carol@remote.example Tue Jul  1 12:00:00 +0200 2025", "carol@remote.example", -2),
        (b"From carol@remote.example Tue Jul  1 12:00:00 2025 -0700", "carol@remote.example", 7),
        (b"From carol@remote.example Tue Jul  1 12:00:00 PDT 2025", "carol@remote.example", 7),
        (b"From carol@remote.example Tue, 1 Jul 2025 12:00:00 +0000", "carol@remote.example", 0),
        (b"From carol@remote.example Tue Jul  1 12:00 2025", "carol@remote.example", 0),
        (b"From carol@remote.example Tue Jul  1 12:00:00 2025 remote from host", "carol@remote.example", 0),
        (b"From - Tue Jul  1 12:00:00 2025", "", 0),
        (b"From ???@??? Tue Jul 01 12:00:00 2025", "", 0),
        (b"From 1234567890@xxx Tue Jul 01 12:00:00 +0000 2025", "", 0),
        (b"From MAILER-DAEMON Tue Jul  1 12:00:00 2025", "", 0),
    ],
)
def test_every_kind_of_date_is_read(line: bytes, sender: str, hours: int) -> None:
    start = parse_from_line(line)
    assert (start.sender, start.received) == (sender, NOON + hours * clock.HOUR)


@given(
    st.sampled_from([b"carol@remote.example", b"-", b"Mon", b"a@b ", b"x@xxx"]),
    st.from_regex(rb"(Tue|Mon) (Feb|Jul) [ 0-9][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9]", fullmatch=True),
)
def test_the_usual_line_is_read_as_the_same_with_a_zone(sender: bytes, date: bytes) -> None:
    usual = parse_from_line(b"From %b %b 2025\r\n" % (sender, date))
    assert usual == parse_from_line(b"From %b %b +0000 2025\r\n" % (sender, date))


@pytest.mark.parametrize(
    "text",
    [
        b"\nFrom me to you\n",
        b"\n\nFrom Monday on we are closed.\nNote: really\n",
        b"Dear\n\nFrom here on\n",
        b"x\nFrom alice@example.org\nSubject: no blank line before\n",
        b"Tue Jul  1 12:00:00 2025\nFrom x\n",
    ],
)
def test_text_that_begins_with_from_splits_nothing(tmp_path: Path, text: bytes) -> None:
    assert len(read(tmp_path, mbox(b"Subject: one\n\n" + text, letter("two")))) == 2


def test_a_missing_blank_line_between_messages_is_no_harm(tmp_path: Path) -> None:
    data = mbox(letter("one"), letter("two")).replace(b"\n\nFrom ", b"\nFrom ")
    assert [text.splitlines()[0] for text in read(tmp_path, data)] == [b"Subject: one", b"Subject: two"]


def test_a_file_without_any_dates_is_split(tmp_path: Path) -> None:
    data = b"From someone\nSubject: one\n\nHello\n\nFrom another one\nSubject: two\n\nHello\n"
    assert len(read(tmp_path, data)) == 2


def test_one_mark_is_taken_off_quoted_lines(tmp_path: Path) -> None:
    text = b">From me\n>>From you\n> From us\n>From: them\n"
    assert read(tmp_path, mbox(b"Subject: x\n\n" + text))[0].endswith(
        b"\r\n\r\nFrom me\r\n>From you\r\n> From us\r\n>From: them\r\n"
    )


@given(
    st.lists(st.sampled_from([b">", b"From ", b"Fr", b"om ", b"\n", b"\r\n", b"x"]), max_size=30), st.data()
)
def test_cutting_quoted_text_anywhere_makes_no_difference(parts: list[bytes], data: st.DataObject) -> None:
    text = b"".join(parts)
    step = data.draw(st.integers(1, 9))
    pieces = [text[at : at + step] for at in range(0, len(text), step)]
    assert b"".join(unquoted_pieces(pieces)) == unquoted(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(letters=st.lists(st.tuples(LETTERS, FLAGS), min_size=1, max_size=4))
def test_what_was_exported_comes_back_equal(
    tmp_path: Path, letters: list[tuple[bytes, MessageFlags]]
) -> None:
    file = tmp_path / "all.mbox"
    file.write_bytes(
        b"".join(
            piece
            for text, flags in letters
            for piece in mbox_message(
                [text], envelope_sender="carol@remote.example", received=NOON, flags=flags
            )
        )
    )
    found = contents(file)
    assert found.texts() == [text for text, _ in letters]
    assert list(found.flags.values()) == [flags for _, flags in letters]
    assert {(m.received, m.envelope_sender) for m, _ in found.messages} == {(NOON, "carol@remote.example")}
    assert found.problems == []


@settings(max_examples=60)
@given(st.lists(LETTERS, min_size=1, max_size=4), st.integers(1, 3000))
def test_how_a_file_is_read_makes_no_difference(letters: list[bytes], step: int) -> None:
    data = mbox(*(text.replace(b"From ", b">From ") for text in letters))
    whole = [(raw.offset, raw.text) for raw in MboxSplitter(iter([data])).messages()]
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    assert [(raw.offset, raw.text) for raw in MboxSplitter(iter(pieces)).messages()] == whole


def test_a_message_larger_than_a_window_is_streamed(tmp_path: Path) -> None:
    lines = b"".join(b"%06d %s\n" % (number, b">From x" * 9) for number in range(60_000))
    data = mbox(letter("before"), b"Subject: large\n\n" + lines, letter("after"))
    found = contents_of(tmp_path, data)
    assert [text.split(b"\r\n", 1)[0] for text in found] == [
        b"Subject: before",
        b"Subject: large",
        b"Subject: after",
    ]
    assert found[1] == b"Subject: large\r\n\r\n" + lines.replace(b"\n", b"\r\n")


def contents_of(tmp_path: Path, data: bytes) -> list[bytes]:
    file = tmp_path / "Some.mbox"
    file.write_bytes(data)
    return contents(file).texts()


def test_a_message_over_its_budget_is_a_problem_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "Some.mbox"
    file.write_bytes(mbox(letter("one"), letter("two", body="x" * 70 + "\n" * 3_000_000), letter("three")))
    found = contents(file, Budgets(message_bytes=2 * 1024 * 1024))
    assert list(found.by_subject()) == ["one", "three"]
    assert found.problems == ["Some.mbox, at byte 72: It is larger than 2 MiB, the most a message may have."]
    assert [message.ordinal for message, _ in found.messages] == [1, 3]


def test_a_header_of_a_megabyte_is_imported_and_told(tmp_path: Path) -> None:
    file = tmp_path / "Some.mbox"
    large = letter("large", *(f"X-{number}: {'y' * 60}" for number in range(16_000)), "Status: RO")
    file.write_bytes(mbox(large, letter("two")))
    found = contents(file)
    assert found.texts()[0] == large.replace(b"\n", b"\r\n")
    assert list(found.by_subject()) == ["large", "two"]
    assert "header is larger than 256 KiB" in found.problems[0]


def test_nul_bytes_are_kept(tmp_path: Path) -> None:
    assert read(tmp_path, mbox(b"Subject: x\n\n\0\0\n"))[0].endswith(b"\r\n\r\n\0\0\r\n")


def test_what_does_not_begin_with_a_from_line_is_no_mbox_file(tmp_path: Path) -> None:
    (tmp_path / "Bad.mbox").write_bytes(b"Hello\n")
    (tmp_path / "Good.mbox").write_bytes(mbox(letter("one")))
    found = contents(tmp_path)
    assert found.problems == ["Bad.mbox: It is no mbox file: it does not begin with a “From ” line."]
    assert len(found.messages) == 1


def test_a_file_that_is_nothing_fails_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"\xff\xd8\xff\xe0" * 1000)
    with pytest.raises(SourceError, match=r"photo\.jpg: It is neither an archive .* nor an mbox file"):
        contents(file)
    file.write_bytes(b"")
    with pytest.raises(SourceError, match=r"photo\.jpg: It is empty"):
        contents(file)


def test_what_the_mailbox_module_writes_is_read(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "Python.mbox")
    for number, flags in enumerate(("RO", "RFA", "")):
        message = mailbox.mboxMessage(letter(str(number), body="Hi\n\nFrom me\n"))
        message.set_flags(flags)
        box.add(message)
    box.close()
    found = contents(tmp_path / "Python.mbox")
    assert [(flags.seen, flags.flagged, flags.answered) for flags in found.flags.values()] == [
        (True, False, False),
        (True, True, True),
        (False, False, False),
    ]
    assert set(found.texts()) == {b"Subject: %d\r\n\r\nHi\r\n\r\nFrom me\r\n" % number for number in range(3)}


def test_reading_goes_on_behind_a_message_taken_before(tmp_path: Path) -> None:
    file = tmp_path / "Some.mbox"
    file.write_bytes(mbox(*(letter(str(number)) for number in range(5))))
    found = contents(file, after=3)
    assert [(message.ordinal, message.header.get("Subject")) for message, _ in found.messages] == [
        (4, b"3"),
        (5, b"4"),
    ]


@pytest.mark.parametrize("field", ["Content-Length", "content-length"])
def test_where_a_message_says_how_long_it_is_nothing_in_it_splits_it(tmp_path: Path, field: str) -> None:
    body = "Hi\n\n" + mbox(letter("inner")).decode() + ">From me\n"
    whole = letter("outer", f"{field}: {len(body)}", body=body)
    found = read(tmp_path, mbox(whole, letter("two"), whole))
    outer = letter("outer", body=body).replace(b"\n", b"\r\n")
    assert found == [outer, letter("two").replace(b"\n", b"\r\n"), outer]


@pytest.mark.parametrize("length", [0, 1, 5, 7, 60, 10_000, 10**17])
def test_a_length_that_does_not_fit_is_not_believed(tmp_path: Path, length: int) -> None:
    wrong = letter("one", f"Content-Length: {length}")
    assert len(read(tmp_path, mbox(wrong, wrong, letter("two")))) == 3
