"""Loading and creating the secret key."""

import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from mail.secrets import UnusableSecretKey, derive_key, load_secret_key, text_key


def report_key(barrier: Barrier, path: Path, keys: "multiprocessing.Queue[bytes]") -> None:
    barrier.wait(timeout=30)
    keys.put(load_secret_key("", path))


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("f" * 64)
    assert load_secret_key("e" * 32, path) == b"e" * 32


def test_a_value_in_the_environment_creates_no_file(tmp_path: Path) -> None:
    load_secret_key("e" * 32, tmp_path / "secrets" / "key")
    assert list(tmp_path.iterdir()) == []


def test_a_short_value_in_the_environment_stops_the_program_and_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(UnusableSecretKey, match=r"MOXSITE_SECRET_KEY.*at least 32") as raised:
        load_secret_key("hunter2" * 4, tmp_path / "key")
    assert isinstance(raised.value, SystemExit)
    assert "hunter2" not in str(raised.value)


def test_a_missing_file_is_created_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secrets" / "key"
    key = load_secret_key("", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(bytes.fromhex(key.decode())) == 32
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_folders_made_for_the_key_are_for_their_owner_only(tmp_path: Path) -> None:
    load_secret_key("", tmp_path / "data" / "secrets" / "key")
    for folder in (tmp_path / "data", tmp_path / "data" / "secrets"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_key_stays_the_same(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    assert load_secret_key("", path) == load_secret_key("  ", path)


def test_two_installations_get_different_keys(tmp_path: Path) -> None:
    assert load_secret_key("", tmp_path / "a" / "key") != load_secret_key("", tmp_path / "b" / "key")


def test_the_text_of_the_file_gives_the_same_key_in_the_environment_of_another_host(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "key"
    key = load_secret_key("", path)
    assert load_secret_key(path.read_text(), tmp_path / "elsewhere") == key


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 64])
def test_a_damaged_file_stops_the_program_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    with pytest.raises(UnusableSecretKey, match=str(path)):
        load_secret_key("", path)
    assert path.read_bytes() == content


def test_a_place_that_cannot_hold_a_file_stops_the_program(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("in the way")
    with pytest.raises(UnusableSecretKey, match="can't be read or created"):
        load_secret_key("", tmp_path / "secrets" / "key")


def test_a_key_that_appears_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    path.write_text("k" * 64)
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert load_secret_key("", path) == b"k" * 64
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    for round_number in range(5):
        path = tmp_path / str(round_number) / "key"
        barrier, keys = context.Barrier(4), context.Queue()
        processes = [context.Process(target=report_key, args=(barrier, path, keys)) for _ in range(4)]
        for process in processes:
            process.start()
        loaded = {keys.get(timeout=30) for _ in processes}
        for process in processes:
            process.join()
        assert len(loaded) == 1
        assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_keys_of_different_purposes_differ() -> None:
    assert derive_key(b"s" * 32, "django") != derive_key(b"s" * 32, "seal")
    assert len(derive_key(b"s" * 32, "django")) == 32


def test_a_derived_key_is_the_same_each_time() -> None:
    assert derive_key(b"s" * 32, "django") == derive_key(b"s" * 32, "django")


def test_a_text_key_is_hexadecimal() -> None:
    assert bytes.fromhex(text_key(b"s" * 32, "django")) == derive_key(b"s" * 32, "django")
