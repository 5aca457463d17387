from pathlib import Path

import pytest

from mail.mailformats.flags import MessageFlags
from tests.importing.archives import write
from tests.importing.reading import contents, letter, mbox

SEEN = MessageFlags(seen=True)


def flags_of(tmp_path: Path, *fields: str) -> MessageFlags:
    (tmp_path / "x.mbox").write_bytes(mbox(letter("one", *fields)))
    found = contents(tmp_path)
    assert found.texts() == [b"Subject: one\r\n\r\nHello\r\n"]
    return found.flags[1]


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        (("Status: RO",), SEEN),
        (("status: RO",), SEEN),
        (("Status: O", "X-Status: AFTD"),
         MessageFlags(answered=True, flagged=True, draft=True, deleted=True)),
        (("Status: O",), MessageFlags()),
        (("X-UID: 12", "Status: RO", "X-Keywords: Private $Forwarded      ", "Content-Length: 6"),
         MessageFlags(seen=True, keywords=frozenset(("Private", "$Forwarded")))),
        (("X-Keywords: a,b, not(valid)",), MessageFlags(keywords=frozenset("ab"))),
        (("X-Mozilla-Status: 0007", "X-Mozilla-Status2: 00000000"),
         MessageFlags(seen=True, answered=True, flagged=True)),
        (("X-Mozilla-Status: 1001", "X-Mozilla-Status2: 02800000", "X-Mozilla-Keys: $label2 NonJunk   "),
         MessageFlags(seen=True, keywords=frozenset(
             ("$Forwarded", "$MDNSent", "$label1", "$label2", "NonJunk")))),
        (("X-Mozilla-Status: 0001", "X-Mozilla-Status2: 00200000"), MessageFlags(seen=True, deleted=True)),
        (("X-Mozilla-Status: zzzz",), MessageFlags()),
    ],
)  # fmt: skip
def test_state_in_the_header_becomes_flags(
    tmp_path: Path, fields: tuple[str, ...], flags: MessageFlags
) -> None:
    assert flags_of(tmp_path, *fields) == flags


def test_a_field_that_is_no_state_stays(tmp_path: Path) -> None:
    text = letter("one", "Status: awaiting approval")
    (tmp_path / "x.mbox").write_bytes(mbox(text))
    assert contents(tmp_path).texts() == [text.replace(b"\n", b"\r\n")]


def test_a_profile_of_thunderbird(tmp_path: Path) -> None:
    deleted = letter("deleted", "X-Mozilla-Status: 0009", "X-Mozilla-Status2: 00000000")
    read = letter("read", "X-Mozilla-Status: 0001", "X-Mozilla-Status2: 00000000", "X-Mozilla-Keys:   ")
    root = "Profiles/abcdefgh.default/Mail/Local Folders"
    write(
        tmp_path,
        {
            f"{root}/Inbox": mbox(read, deleted),
            f"{root}/Inbox.msf": b"// <!-- <mdb:mork",
            f"{root}/Archives.sbd/2020": mbox(letter("old")),
            f"{root}/Archives": b"",
            f"{root}/Entw&APw-rfe": mbox(letter("draft")),
            f"{root}/popstate.dat": b"x",
            "Profiles/abcdefgh.default/prefs.js": b"// Mozilla",
        },
    )
    found = contents(tmp_path)
    assert {subject: folder for subject, (folder, _) in found.by_subject().items()} == {
        "read": f"{root}/Inbox",
        "old": f"{root}/Archives/2020",
        "draft": f"{root}/Entwürfe",
    }
    assert found.problems == [f"{root}/Inbox: 1 messages that had been deleted there are left out."]


def test_folders_of_apple_mail(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "Sent Messages.mbox/mbox": mbox(letter("one")),
            "Sent Messages.mbox/table_of_contents": b"\0",
            "Work.MBOX": mbox(letter("two")),
            "__MACOSX/._Work.MBOX": b"\0\5\x16\7" + b"\n" * 100,
            "._x.mbox": b"\0\5\x16\7",
            ".DS_Store": b"\0\0\0\1Bud1",
        },
    )
    found = contents(tmp_path)
    assert found.folders == ["Work", "Sent Messages"]
    assert found.problems == []


def test_takeout_of_gmail(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "Takeout/Mail/Alle Nachrichten.mbox": mbox(
                letter("one", "X-GM-THRID: 1", "X-Gmail-Labels: Inbox,Unread,Important,Work/Project x"),
                letter("two", "X-Gmail-Labels: =?UTF-8?Q?Gesendet,Ge=C3=B6ffnet,Markiert?="),
                letter("three", 'X-Gmail-Labels: Archived,"One, two",Starred'),
                letter("four", "X-Gmail-Labels: Spam,Inbox"),
                letter("five", "X-Gmail-Labels: Opened"),
            )
        },
    )
    found = contents(tmp_path)
    assert found.by_subject() == {
        "one": (
            "Takeout/Mail/Inbox",
            MessageFlags(keywords=frozenset(("Important", "Work/Project_x"))),
        ),
        "two": ("Takeout/Mail/Sent", MessageFlags(seen=True, flagged=True)),
        "three": ("Takeout/Mail/One, two", MessageFlags(seen=True, flagged=True)),
        "four": ("Takeout/Mail/Junk", SEEN),
        "five": ("Takeout/Mail/Archive", SEEN),
    }
    assert found.formats == ("directory", "mbox", "Gmail Takeout")


def test_the_note_that_some_programs_keep_as_first_message_is_left_out(tmp_path: Path) -> None:
    note = letter("DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA", "X-IMAP: 1700000000 0000000002")
    (tmp_path / "x.mbox").write_bytes(mbox(note, letter("one")))
    found = contents(tmp_path)
    assert [(message.ordinal, message.header.get("Subject")) for message, _ in found.messages] == [
        (1, b"one")
    ]


def test_messages_in_files_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, {"Old/a.eml": letter("one"), "b.EML": letter("two", "Date: 1 Jan 2001 00:00:00 +0000")})
    found = contents(tmp_path)
    assert {subject: folder for subject, (folder, _) in found.by_subject().items()} == {
        "one": "Old",
        "two": "Inbox",
    }
