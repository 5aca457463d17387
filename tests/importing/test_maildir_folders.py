import io
import mailbox
import os
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.formats.opening import open_source
from importer.formats.source import Budgets, Source, SourceError, SourceFolder
from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mailformats.maildir import MaildirWriter
from tests.importing.archives import KINDS, packed, write
from tests.importing.reading import contents, letter
from tests.importing.test_mbox_files import FLAGS


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("1700000000.M1P1.host:2,", MessageFlags()),
        ("1700000000.M1P1.host:2,FRS", MessageFlags(seen=True, answered=True, flagged=True)),
        ("1700000000.M1P1.host,S=12:2,DT", MessageFlags(draft=True, deleted=True)),
        ("1700000000.M1P1.host;2,S", MessageFlags(seen=True)),
        ("1700000000.M1P1.host!2,S", MessageFlags(seen=True)),
        ("1700000000.M1P1.host\uf03a2,S", MessageFlags(seen=True)),
        ("1700000000.M1P1.host:2,PS", MessageFlags(seen=True, keywords=frozenset(("$Forwarded",)))),
        ("1700000000.M1P1.host:2,SXYZ", MessageFlags(seen=True)),
        ("anything", MessageFlags()),
    ],
)
def test_the_name_of_a_file_tells_flags(tmp_path: Path, name: str, flags: MessageFlags) -> None:
    write(tmp_path, {f"cur/{name}": letter("one")})
    assert contents(tmp_path).by_subject() == {"one": ("Inbox", flags)}


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("cur/1", "Inbox"),
        ("./new/1", "Inbox"),
        ("Maildir/.Sent/cur/1", "Maildir/Sent"),
        ("Maildir/.Archive.2024/cur/1", "Maildir/Archive/2024"),
        (".Entw&APw-rfe/cur/1", "Entwürfe"),
        (".R&AOk-sum&AOk-s.A&AC4-B/cur/1", "Résumés/A.B"),
        (".Entwürfe/cur/1", "Entwürfe"),
        ("Work/Project.x/cur/1", "Work/Project.x"),
        ("Profiles/abcdefgh.default/Mail/Local Folders/Inbox.sbd/Sub/cur/1.eml",
         "Profiles/abcdefgh.default/Mail/Local Folders/Inbox/Sub"),
    ],
)  # fmt: skip
def test_the_path_tells_the_folder(tmp_path: Path, path: str, folder: str) -> None:
    write(tmp_path, {path: letter("one")})
    assert contents(tmp_path).folders == [folder]


@pytest.mark.parametrize("name", [".Sent", "Empty"])
def test_a_maildir_without_messages_is_an_empty_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / name / "cur").mkdir(parents=True)
    (tmp_path / name / "tmp").mkdir(parents=True)
    assert contents(tmp_path).folders == [name.lstrip(".")]


def test_what_was_still_being_delivered_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"tmp/1": letter("unfinished"), "cur/1": letter("one")})
    assert list(contents(tmp_path).by_subject()) == ["one"]


@pytest.mark.parametrize("order", ["before", "after"])
def test_keywords_are_named_by_a_table_before_or_after_the_messages(tmp_path: Path, order: str) -> None:
    folder = write(
        tmp_path / "mail",
        {
            ".A/cur/1.M1.host:2,Sab": letter("one"),
            ".A/dovecot-keywords": b"0 $Forwarded\n1 Private\nnonsense\n26 Beyond\n1 Twice\n",
            ".B/cur/1.M1.host:2,a": letter("two"),
        },
    )
    names = ["./.A/dovecot-keywords", "./.A/cur/1.M1.host:2,Sab", "./.B"]
    if order == "after":
        names[:2] = reversed(names[:2])
    archive = packed_in_order(folder, names)
    found = contents(archive)
    assert found.by_subject() == {
        "one": ("A", MessageFlags(seen=True, keywords=frozenset(("$Forwarded", "Private")))),
        "two": ("B", MessageFlags()),
    }
    assert found.problems == [
        ".A/dovecot-keywords: 3 lines name no keyword, such as “nonsense”.",
        "B: Keywords of 1 messages are lost: no dovecot-keywords file names them.",
    ]


def packed_in_order(folder: Path, names: list[str]) -> Path:
    archive = folder.parent / "ordered.tar"
    with tarfile.open(archive, "w") as tar:
        for name in names:
            tar.add(folder / name, name)
    return archive


@pytest.mark.parametrize(
    ("name", "modified", "received"),
    [
        ("1700000000.M123456P1.host", 1700000000, 1700000000_123456),
        ("1700000000.M5Q1.host", 1700000500, 1700000000_000005),
        ("1700000000.1234.host", 1600000000, 1600000000_000000),
        ("0.M1.host", 1600000000, 1600000000_000000),
        ("99999999999999.M1.host", 1600000000, 1600000000_000000),
        ("message", 1600000000, 1600000000_000000),
    ],
)
def test_the_received_time_is_the_earlier_of_name_and_file(
    tmp_path: Path, name: str, modified: int, received: int
) -> None:
    write(tmp_path, {f"cur/{name}": letter("one")})
    os.utime(tmp_path / "cur" / name, (modified, modified))
    assert contents(tmp_path).messages[0][0].received == received


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    messages=st.lists(
        st.tuples(
            st.sampled_from(["Inbox", "Sent", "Work/Project", "Entwürfe", "A.B/c", "x & y"]),
            FLAGS,
            st.integers(1_000_000, 2_000_000_000_000_000),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_was_exported_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, messages: list[tuple[str, MessageFlags, clock.Moment]]
) -> None:
    folder = tmp_path_factory.mktemp("export")
    writer = MaildirWriter(folder)
    for number, (name, flags, received) in enumerate(messages):
        writer.add_message(name, [b"Subject: %d\r\n\r\nHi" % number], received=received, flags=flags)
    writer.close()
    found = contents(folder)
    assert found.by_subject() == {str(n): (name, flags) for n, (name, flags, _) in enumerate(messages)}
    assert {m.header.get("Subject"): m.received for m, _ in found.messages} == {
        str(n).encode(): received for n, (_, _, received) in enumerate(messages)
    }
    assert found.problems == []


@pytest.mark.parametrize("kind", KINDS)
def test_archives_of_a_maildir_are_read(tmp_path: Path, kind: str) -> None:
    folder = write(
        tmp_path / "Maildir",
        {
            "cur/1700000000.M1P1.host:2,S": letter("one"),
            "new/1700000001.M1P1.host": letter("two"),
            ".Sent/cur/1700000002.M1P1.host:2,S": letter("three"),
            ".Sent/dovecot.index": b"\0" * 100,
            "subscriptions": b"Sent\n",
            ".DS_Store": b"Bud1",
            "__MACOSX/cur/._1700000000.M1P1.host:2,S": b"\0\5\x16\7",
        },
    )
    found = contents(packed(folder, kind))
    assert found.by_subject() == {
        "one": ("Inbox", MessageFlags(seen=True)),
        "two": ("Inbox", MessageFlags()),
        "three": ("Sent", MessageFlags(seen=True)),
    }
    assert found.problems == []


def test_what_the_mailbox_module_writes_is_read(tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "Python")
    message = mailbox.MaildirMessage(letter("one"))
    message.set_subdir("cur")
    message.set_flags("FS")
    box.add(message)
    box.add_folder("Sub").add(letter("two"))
    assert contents(tmp_path / "Python").by_subject() == {
        "one": ("Inbox", MessageFlags(seen=True, flagged=True)),
        "two": ("Sub", MessageFlags()),
    }


def test_a_table_completes_the_flags_of_messages_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"cur/1:2,a": letter("one"), "cur/2:2,b": letter("two"), "new/1": letter("three")})
    write(tmp_path, {"dovecot-keywords": b"0 A\n1 B\n"})
    archive = packed_in_order(tmp_path, ["cur", "new", "dovecot-keywords"])
    found = contents(archive, after=2)
    assert [(message.ordinal, text[9:14]) for message, text in found.messages] == [(3, b"three")]
    assert {ordinal: flags.keywords for ordinal, flags in found.flags.items()} == {
        1: {"A"},
        2: {"B"},
        3: frozenset(),
    }


@pytest.mark.parametrize("modified", ["inf", "nan", "1e300", "-5", "0", "999999999999999"])
def test_a_modification_time_that_cannot_be_is_none(tmp_path: Path, modified: str) -> None:
    archive = tmp_path / "mail.tar"
    member = tarfile.TarInfo("cur/message")
    member.pax_headers = {"mtime": modified}
    text = letter("one", "Date: Tue, 1 Jul 2025 12:00:00 +0000")
    member.size = len(text)
    with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(member, io.BytesIO(text))
    assert contents(archive).messages[0][0].received == 1_751_371_200_000_000


def test_folders_are_found_without_a_look_at_each_message(tmp_path: Path) -> None:
    few = Budgets(entries=20)
    write(tmp_path, {f"Old/.A.B/cur/{number}": letter(str(number)) for number in range(30)})
    write(tmp_path, {"Old/new/1/x.eml": letter("below"), "Old/one.eml": letter("one")})
    lists = b"From a@b.example\n" + letter("m")
    write(tmp_path, {"Old/tmp/1": letter("unfinished"), "Lists.mbox": lists, "new/2019.mbox": lists})
    (tmp_path / "Empty" / "cur").mkdir(parents=True)
    with closing(open_source(tmp_path, few, for_folders=True)) as source:
        found = folders_of(source)
    with closing(open_source(tmp_path)) as source:
        assert found == folders_of(source)
    assert sorted(found) == ["Empty", "Inbox", "Lists", "Old", "Old/A/B", "Old/new/1", "new/2019"]
    with closing(open_source(tmp_path, few)) as source, pytest.raises(SourceError, match="more than 20"):
        folders_of(source)


def folders_of(source: Source) -> list[str]:
    return [event.path for event in source.events(after=sys.maxsize) if isinstance(event, SourceFolder)]
