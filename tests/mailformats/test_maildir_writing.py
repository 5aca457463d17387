import mailbox
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mailformats.maildir import KEYWORD_LIMIT, MaildirWriter, folder_name
from mail.mailformats.modified_utf7 import decode_modified_utf7

RECEIVED = 1_751_371_200 * clock.SECOND + 42
NO_FLAGS = MessageFlags()
names = st.text(st.characters(exclude_categories=["C"], exclude_characters="/"), min_size=1, max_size=10)


def test_content_is_written_byte_for_byte(tmp_path: Path) -> None:
    chunks = [b"To: bob\r\n", b"\r\nbare\nline\r\x00", b"\xff"]
    file = MaildirWriter(tmp_path).add_message("Inbox", chunks, received=RECEIVED, flags=NO_FLAGS)
    assert file.read_bytes() == b"".join(chunks)
    assert file.parent == tmp_path / "cur"


def test_name_and_modification_time_say_when_the_message_came(tmp_path: Path) -> None:
    file = MaildirWriter(tmp_path).add_message("Inbox", [b"x" * 12], received=RECEIVED, flags=NO_FLAGS)
    assert file.name == "1751371200.M42Q1.moxsite,S=12:2,"
    assert file.stat().st_mtime == 1_751_371_200


def test_a_time_before_the_epoch_is_the_epoch(tmp_path: Path) -> None:
    file = MaildirWriter(tmp_path).add_message("Inbox", [], received=-5, flags=NO_FLAGS)
    assert file.name.startswith("0.M0Q1.")


def test_system_flags_are_letters_in_order(tmp_path: Path) -> None:
    flags = MessageFlags(seen=True, answered=True, flagged=True, draft=True, deleted=True)
    file = MaildirWriter(tmp_path).add_message("Inbox", [], received=RECEIVED, flags=flags)
    assert file.name.endswith(":2,DFRST")


def test_keywords_are_letters_with_a_table_in_each_folder(tmp_path: Path) -> None:
    writer = MaildirWriter(tmp_path)
    first = MessageFlags(seen=True, keywords=frozenset({"work", "$Forwarded"}))
    files = [
        writer.add_message("Inbox", [], received=RECEIVED, flags=first),
        writer.add_message(
            "Inbox", [], received=RECEIVED, flags=MessageFlags(keywords=frozenset({"work", "home"}))
        ),
        writer.add_message("Sent", [], received=RECEIVED, flags=MessageFlags(keywords=frozenset({"home"}))),
    ]
    writer.close()
    assert [file.name.partition(":2,")[2] for file in files] == ["PSab", "bc", "a"]
    assert (tmp_path / "dovecot-keywords").read_text() == "0 $Forwarded\n1 work\n2 home\n"
    assert (tmp_path / ".Sent" / "dovecot-keywords").read_text() == "0 home\n"


def test_keywords_beyond_the_letters_are_reported(tmp_path: Path) -> None:
    writer = MaildirWriter(tmp_path)
    keywords = frozenset(f"k{number:02d}" for number in range(KEYWORD_LIMIT + 2))
    writer.add_message("Inbox", [], received=RECEIVED, flags=MessageFlags(keywords=keywords))
    writer.close()
    assert writer.unnamed_keywords == {"Inbox": {"k26", "k27"}}
    assert len((tmp_path / "dovecot-keywords").read_text().splitlines()) == KEYWORD_LIMIT


def test_a_folder_without_keywords_has_no_table(tmp_path: Path) -> None:
    writer = MaildirWriter(tmp_path)
    writer.add_message("Inbox", [], received=RECEIVED, flags=NO_FLAGS)
    writer.close()
    assert not (tmp_path / "dovecot-keywords").exists()


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Inbox", ""),
        ("INBOX", ""),
        ("Inbox/Lists", ".Inbox.Lists"),
        ("Archive/2024", ".Archive.2024"),
        ("v1.2", ".v1&AC4-2"),
        ("Entwürfe", ".Entw&APw-rfe"),
        ("A&B", ".A&-B"),
        ("..", ".&AC4-&AC4-"),
    ],
)
def test_mailboxes_become_folders(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@given(st.lists(names, min_size=1, max_size=4).filter(lambda levels: levels[0].lower() != "inbox"))
def test_folder_names_can_be_read_back_and_stay_in_place(levels: list[str]) -> None:
    folder = folder_name("/".join(levels))
    assert folder.isascii()
    assert "/" not in folder
    assert folder not in (".", "..")
    assert [decode_modified_utf7(level) for level in folder[1:].split(".")] == levels


def test_the_mailbox_module_reads_what_was_written(tmp_path: Path) -> None:
    writer = MaildirWriter(tmp_path / "box")
    letter = b"To: bob\r\nSubject: x\r\n\r\nFrom me\r\n"
    writer.add_message("Inbox", [letter], received=RECEIVED, flags=MessageFlags(seen=True, deleted=True))
    writer.add_message("Archive/2024", [letter, b"2\r\n"], received=RECEIVED, flags=NO_FLAGS)
    writer.add_mailbox("Empty")
    writer.close()
    box = mailbox.Maildir(tmp_path / "box", create=False)
    assert sorted(box.list_folders()) == ["Archive.2024", "Empty"]
    [key] = box.keys()
    assert box.get_bytes(key) == letter
    assert box.get_message(key).get_flags() == "ST"
    assert box.get_message(key).get_date() == 1_751_371_200
    archive = box.get_folder("Archive.2024")
    assert [archive.get_bytes(key) for key in archive.iterkeys()] == [letter + b"2\r\n"]


def test_writing_leaves_nothing_temporary(tmp_path: Path) -> None:
    writer = MaildirWriter(tmp_path)
    for _ in range(3):
        writer.add_message("Inbox", [b"x"], received=RECEIVED, flags=NO_FLAGS)
    assert len(list((tmp_path / "cur").iterdir())) == 3
    assert list((tmp_path / "tmp").iterdir()) == list((tmp_path / "new").iterdir()) == []
