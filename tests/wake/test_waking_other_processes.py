from pathlib import Path

from mail.wake import WakeListener, poke


def test_a_poke_wakes_who_waits_for_the_topic(tmp_path: Path) -> None:
    listener, other = WakeListener(tmp_path, "delivery"), WakeListener(tmp_path, "import")
    poke(tmp_path, "delivery")
    poke(tmp_path, "delivery")
    assert listener.wait(10)
    assert not listener.wait(0)
    assert not other.wait(0)
    listener.close()
    other.close()


def test_a_folder_too_deep_for_a_socket_address_works_too(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 90) / ("y" * 60)
    listener = WakeListener(folder, "delivery")
    poke(folder, "delivery")
    assert listener.wait(10)
    listener.close()


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    listener = WakeListener(tmp_path, "delivery")
    (left,) = tmp_path.iterdir()
    listener._socket.close()
    poke(tmp_path, "delivery")
    assert not left.exists()
    listener.close()


def test_poking_where_nobody_ever_listened_is_harmless(tmp_path: Path) -> None:
    poke(tmp_path / "missing", "delivery")
