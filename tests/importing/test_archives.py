import contextlib
import gzip
import os
import shutil
import struct
import subprocess
import zipfile
import zlib
from pathlib import Path

import pytest

from importer.archive import inflate
from importer.formats.source import Budgets, SourceError
from tests.importing.archives import KINDS, packed, write
from tests.importing.reading import contents, letter, mbox

MIB = 1024 * 1024


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_archive_is_read(tmp_path: Path, kind: str) -> None:
    folder = write(
        tmp_path / "mail",
        {
            "Family.mbox": mbox(letter("one"), letter("two")),
            "Über uns/é.mbox": mbox(letter("three")),
            f"{'long' * 30}/{'name' * 30}.mbox": mbox(letter("four")),
            "large.mbox": mbox(letter("five", body="0123456789\n" * 300_000)),
        },
    )
    found = contents(packed(folder, kind))
    assert {subject: path for subject, (path, _) in found.by_subject().items()} == {
        "one": "Family",
        "two": "Family",
        "three": "Über uns/é",
        "four": f"{'long' * 30}/{'name' * 30}",
        "five": "large",
    }
    assert found.problems == []
    assert "mbox" in found.formats


@pytest.mark.parametrize("form", ["v7", "ustar", "gnu", "pax"])
def test_every_form_of_tar_is_read(tmp_path: Path, form: str) -> None:
    folder = write(tmp_path / "mail", {"A/B.mbox": mbox(letter("one"))})
    assert contents(packed(folder, "tar", f"--format={form}")).folders == ["A/B"]


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_a_compressed_mbox_file_is_read(tmp_path: Path, kind: str) -> None:
    folder = write(tmp_path / "mail", {"Old.mbox": mbox(letter("one"))})
    program = {"gz": "gzip", "bz2": "bzip2", "xz": "xz", "zst": "zstd"}[kind]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    subprocess.run([program, "-q", str(folder / "Old.mbox")], check=True)
    found = contents(folder / f"Old.mbox.{kind}")
    assert (found.folders, len(found.messages)) == (["Old"], 1)


def test_links_devices_and_pipes_are_problems_of_their_own(tmp_path: Path) -> None:
    folder = write(tmp_path / "mail", {"A.mbox": mbox(letter("one"))})
    (folder / "B.mbox").symlink_to("/etc/passwd")
    os.link(folder / "A.mbox", folder / "C.mbox")
    os.mkfifo(folder / "D.mbox")
    found = contents(packed(folder, "tar", "--sort=name"))
    assert found.problems == [
        "B.mbox: It is a link to “/etc/passwd”.",
        "C.mbox: It is a second name of the file “./A.mbox”, without content of its own.",
        "D.mbox: It is a pipe.",
    ]
    assert found.folders == ["A"]
    assert contents(folder).problems == [
        "B.mbox: It is a link.",
        "D.mbox: It is a device, pipe or socket.",
    ]


def test_links_in_a_zip_archive_are_problems_of_their_own(tmp_path: Path) -> None:
    folder = write(tmp_path / "mail", {"A.mbox": mbox(letter("one"))})
    (folder / "B.mbox").symlink_to("/etc/passwd")
    assert contents(packed(folder, "zip")).problems == ["B.mbox: It is a link."]


def test_names_that_lead_elsewhere_are_left_out(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"../x.mbox": mbox(letter("x")), "/a/b.mbox": mbox(letter("one"))})
    found = contents(archive)
    assert found.folders == ["a/b"]
    assert found.problems == ["../x.mbox: It is left out: “..” in its name leads to somewhere else."]


def test_control_characters_in_names_are_replaced_and_told(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"a\nb\x1b[31m.mbox": mbox(letter("one"))})
    found = contents(archive)
    assert found.folders == ["a_b_[31m"]
    assert "control characters" in found.problems[0]
    assert "\n" not in found.problems[0]
    assert "\x1b" not in found.problems[0]


def test_names_in_an_old_code_page_are_read(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"Entw?rfe.mbox": mbox(letter("one"))})
    archive.write_bytes(archive.read_bytes().replace(b"Entw?rfe", b"Entw\x81rfe"))
    assert contents(archive).folders == ["Entwürfe"]


def test_backslashes_in_archives_of_windows_are_separators(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"A#B.mbox": mbox(letter("one"))}, system=0)
    archive.write_bytes(archive.read_bytes().replace(b"A#B", b"A\\B"))
    assert contents(archive).folders == ["A/B"]


def test_three_hundred_levels_are_no_harm(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"/".join("abc" for _ in range(300)) + ".mbox": mbox(letter("one"))})
    assert len(contents(archive).messages) == 1


def test_ten_thousand_folders_are_read(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {f"{number // 100}/{number}.mbox": b"From x\n" for number in range(10_000)})
    assert len(contents(archive).folders) == 10_000


def test_an_encrypted_member_is_a_problem_of_its_own(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"A.mbox": mbox(letter("one")), "B.mbox": mbox(letter("two"))})
    data = bytearray(archive.read_bytes())
    entry = data.index(b"PK\1\2")
    data[entry + 8] |= 1
    archive.write_bytes(data)
    found = contents(archive)
    assert (found.folders, found.problems) == (["B"], ["A.mbox: It is encrypted."])


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_damaged_member_is_a_problem_of_its_own(tmp_path: Path, method: int) -> None:
    archive = zipped(tmp_path, {"A.mbox": mbox(letter("one" * 50)), "B.mbox": mbox(letter("two"))}, method)
    assert list(contents(archive).by_subject()) == ["one" * 50, "two"]
    data = bytearray(archive.read_bytes())
    start = data.index(b"A.mbox") + 6
    end = data.index(b"PK\3\4", start)
    for position in range(start, end):
        broken = bytearray(data)
        broken[position] ^= 0x20
        archive.write_bytes(broken)
        found = contents(archive)
        assert "two" in found.by_subject()
        assert [problem.partition(":")[0].partition(",")[0] for problem in found.problems] in (["A.mbox"], [])
        assert found.problems or found.texts()[0].startswith(b"Subject: " + b"one" * 50)


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_cut_off_anywhere_fails_as_a_whole(tmp_path: Path, kind: str) -> None:
    folder = write(
        tmp_path / "mail", {"A.mbox": mbox(letter("one"), letter("two")), "B/cur/1:2,S": letter("three")}
    )
    archive = packed(folder, kind)
    data = archive.read_bytes()
    complete = len(data)
    if kind == "tar":
        complete = len(data.rstrip(b"\0")) // 512 * 512 + 1024
    cut = tmp_path / f"cut.{kind}"
    for length in {*range(0, complete, 41), *range(0, min(complete, 600), 3), complete - 1}:
        cut.write_bytes(data[:length])
        with pytest.raises(SourceError) as error:
            contents(cut)
        assert str(error.value).startswith(cut.name)


@pytest.mark.parametrize("kind", KINDS)
def test_bytes_changed_anywhere_end_in_a_sentence(tmp_path: Path, kind: str) -> None:
    folder = write(tmp_path / "mail", {"A.mbox": mbox(letter("one"), letter("two"))})
    archive = packed(folder, kind)
    data = archive.read_bytes()
    for position in range(0, len(data), 53 if kind == "tar" else 3):
        broken = bytearray(data)
        broken[position] ^= 0x55
        archive.write_bytes(broken)
        with contextlib.suppress(SourceError):
            contents(archive)


@pytest.mark.parametrize("form", ["flat.zip", "flat.gz"])
def test_an_archive_that_unfolds_to_hundreds_of_times_its_size_is_refused(tmp_path: Path, form: str) -> None:
    archive = tmp_path / form
    if form == "flat.zip":
        zipped(tmp_path, {"A.mbox": mbox(letter("x")) + bytes(80 * MIB)}).rename(archive)
    else:
        archive.write_bytes(gzip.compress(mbox(letter("x")) + bytes(80 * MIB)))
    with pytest.raises(SourceError, match="more than 200 times its size"):
        contents(archive)


def test_budgets_for_bytes_and_files_hold(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {f"{n}.mbox": mbox(letter("x", body="x" * MIB)) for n in range(4)})
    assert len(contents(archive).messages) == 4
    with pytest.raises(SourceError, match="unpacks to more than 2 MiB"):
        contents(archive, Budgets(total_bytes=2 * MIB))
    with pytest.raises(SourceError, match="more than 3 files"):
        contents(archive, Budgets(entries=3))


def test_members_that_overlap_are_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path, {"A.mbox": mbox(letter("one")), "B.mbox": mbox(letter("two"))})
    data = bytearray(archive.read_bytes())
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    struct.pack_into("<L", data, second + 42, 0)
    archive.write_bytes(data)
    with pytest.raises(SourceError, match="members overlap"):
        contents(archive)


def test_an_empty_archive_fails_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no mail in it"):
        contents(zipped(tmp_path, {}))
    (tmp_path / "empty.tar").write_bytes(bytes(10240))
    with pytest.raises(SourceError, match="There is no mail in it"):
        contents(tmp_path / "empty.tar")


@pytest.mark.parametrize(
    ("start", "hint"),
    [
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"!BDN", "Outlook"),
        (b"PK\3\4", "cut off or damaged"),
        (b"\x1f\x8b\x08\0", "cut off|damaged"),
        (b"\x00", "neither"),
    ],
)
def test_what_is_no_archive_fails_with_a_sentence(tmp_path: Path, start: bytes, hint: str) -> None:
    file = tmp_path / "upload"
    file.write_bytes(start + b"\1\2\3" * 400)
    with pytest.raises(SourceError, match=hint) as error:
        contents(file, name="my mail.zip")
    assert str(error.value).startswith("my mail.zip")


def test_gzip_files_in_a_row_are_one(tmp_path: Path) -> None:
    data = mbox(letter("one"), letter("two"))
    (tmp_path / "x.mbox.gz").write_bytes(gzip.compress(data[:50]) + gzip.compress(data[50:]) + bytes(100))
    assert len(contents(tmp_path / "x.mbox.gz").messages) == 2
    (tmp_path / "x.mbox.gz").write_bytes(gzip.compress(data) + b"something else")
    with pytest.raises(SourceError, match="something else"):
        contents(tmp_path / "x.mbox.gz")


def test_a_zip_archive_written_to_a_pipe(tmp_path: Path) -> None:
    if shutil.which("zip") is None:
        pytest.skip("zip is not installed")
    write(tmp_path, {"A.mbox": mbox(letter("one"))})
    with open(tmp_path / "mail.zip", "wb") as archive:
        subprocess.run(["zip", "-q", "-", "A.mbox"], cwd=tmp_path, stdout=archive, check=True)
        assert contents(tmp_path / "mail.zip").folders == ["A"]
    with open(tmp_path / "mail.zip", "wb") as archive:
        command = "cat A.mbox | zip -q - -"
        subprocess.run(command, shell=True, cwd=tmp_path, stdout=archive, check=True)
    assert len(contents(tmp_path / "mail.zip").messages) == 1


def test_a_zip_archive_of_the_form_for_large_ones(tmp_path: Path) -> None:
    folder = write(tmp_path / "mail", {"A.mbox": mbox(letter("one")), "B.mbox": mbox(letter("two"))})
    archive = packed(folder, "zip", "-fz")
    assert b"PK\6\6" in archive.read_bytes()
    assert sorted(contents(archive).folders) == ["A", "B"]


def zipped(
    tmp_path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, system: int = 3
) -> Path:
    archive = tmp_path / "mail.zip"
    with zipfile.ZipFile(archive, "w", method) as file:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.create_system = system
            file.writestr(info, data, method)
    return archive


def test_a_zip_archive_with_long_extra_fields_and_large_members(tmp_path: Path) -> None:
    file = tmp_path / "mail.zip"
    noise = os.urandom(700_000).hex().encode()
    with zipfile.ZipFile(file, "w") as archive:
        for n, method in enumerate((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)):
            for size in (20, 60, 64, 300, 60_000):
                entry = zipfile.ZipInfo(f"{n}-{size}.mbox")
                entry.compress_type = method
                entry.extra = struct.pack("<HH", 0xCAFE, size - 4) + bytes(size - 4)
                body = noise if size == 60 else b"short"
                archive.writestr(entry, mbox(letter(entry.filename), letter("large", body=body.decode())))
    found = contents(file)
    assert (len(found.messages), found.problems) == (20, [])


@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_archives_are_read_where_zlib_is_all_there_is(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflate, "inflater", zlib.decompressobj)
    monkeypatch.setattr(inflate, "crc32", zlib.crc32)
    body = "0123456789\n" * 300_000
    folder = write(tmp_path / "mail", {"A.mbox": mbox(letter("one"), letter("two", body=body))})
    found = contents(packed(folder, kind))
    assert (len(found.messages), found.problems) == (2, [])
