from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.archive.place import MemberBroken
from importer.formats.emlx import AppleMessage
from mail import clock
from mail.mailformats.flags import MessageFlags
from tests.importing.archives import write
from tests.importing.reading import contents, letter

READ, FLAGGED, FORWARDED = 1, 1 << 4, 1 << 8
STATE = MessageFlags(seen=True, flagged=True, keywords=frozenset(("$Forwarded",)))
LIST = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
    b'<plist version="1.0">\n<dict>\n\t<key>date-received</key>\n\t<integer>1751371200</integer>\n'
    b"\t<key>flags</key>\n\t<integer>%d</integer>\n</dict>\n</plist>\n"
)
BELOW = "V10/8B7A/INBOX.mbox/1F2E/Data/3/Messages"


def emlx(text: bytes, flags: int = READ | FLAGGED | FORWARDED) -> bytes:
    """As Apple Mail writes it."""
    return b"%-10d\n" % len(text) + text + LIST % flags


def test_messages_are_in_the_folder_with_their_flags_and_time(tmp_path: Path) -> None:
    files = {
        f"{BELOW}/31.emlx": emlx(letter("one", "Received: by x; Tue, 1 Jul 2008 12:00:00 +0000")),
        "V10/8B7A/Work.mbox/Plans.mbox/1F2E/Data/Messages/32.emlx": emlx(letter("two"), 0),
        "V10/8B7A/Old.mbox/Messages/33.emlx": emlx(letter("three"), READ),
    }
    found = contents(write(tmp_path / "mail", files))
    assert found.by_subject() == {
        "one": ("V10/8B7A/INBOX", STATE),
        "two": ("V10/8B7A/Work/Plans", MessageFlags()),
        "three": ("V10/8B7A/Old", MessageFlags(seen=True)),
    }
    assert {message.received for message, _ in found.messages} == {1_751_371_200 * clock.SECOND}
    assert found.problems == []


@pytest.mark.parametrize("after", [0, 1])
def test_flags_of_a_large_message_come_behind_it(tmp_path: Path, after: int) -> None:
    text = letter("large", body="x\n" * 700_000)
    found = contents(write(tmp_path / "mail", {f"{BELOW}/1.emlx": emlx(text)}), after=after)
    assert found.texts() == ([] if after else [text.replace(b"\n", b"\r\n")])
    assert found.flags == {1: STATE}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"Subject: x\n\nHello\n", "does not begin with its length"),
        (b"9" * 400 + b"\nSubject: x\n", "does not begin with its length"),
        (b"", "does not begin with its length"),
        (b"500\nSubject: x\n\nHello\n", "cut off"),
    ],
)
def test_what_is_no_such_message_is_left_out(tmp_path: Path, data: bytes, problem: str) -> None:
    files = {f"{BELOW}/1.emlx": data, f"{BELOW}/2.emlx": emlx(letter("good"))}
    found = contents(write(tmp_path / "mail", files))
    assert list(found.by_subject()) == ["good"]
    assert [problem in text for text in found.problems] == [True]


def test_a_message_whose_attachments_are_elsewhere_is_named(tmp_path: Path) -> None:
    found = contents(write(tmp_path / "mail", {f"{BELOW}/1.partial.emlx": emlx(letter("part"))}))
    assert list(found.by_subject()) == ["part"]
    assert "attachments" in found.problems[0]


@given(st.binary(max_size=80), st.binary(max_size=60), st.integers(1, 9))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_message_and_any_list_are_read_whatever_their_pieces(
    text: bytes, list_: bytes, length: int
) -> None:
    data = b"%d\n" % len(text) + text + list_
    apple = AppleMessage(iter([data[start : start + length] for start in range(0, len(data), length)]))
    assert b"".join(apple.message()) == text
    assert apple.state().flags == MessageFlags()


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        b"".join(AppleMessage(iter([data] if data else [])).message())
    except MemberBroken:
        pass
