"""manage.py config"""

import io
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mail.models import Domain
from moxsite.configfile import plan as planning
from tests.configfile.example import EXAMPLE
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


class Terminal(io.StringIO):
    """Standard input on which somebody types."""

    def isatty(self) -> bool:
        return True


def config(*words: str) -> str:
    output = io.StringIO()
    call_command("config", *words, stdout=output)
    return output.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(EXAMPLE)
    return path


def test_check_shows_the_changes_and_makes_none(world: World, file: Path) -> None:
    output = config("apply", str(file), "--check")
    assert "+ account alice" in output
    assert "! alice has no password yet" in output
    assert not Domain.objects.exists()


def test_apply_makes_them(world: World, file: Path) -> None:
    assert "Applied" in config("apply", str(file), "--yes")
    assert Domain.objects.count() == 2
    assert config("apply", str(file), "--check") == "No changes.\n"


def test_export_writes_what_apply_takes(world: World, file: Path, tmp_path: Path) -> None:
    config("apply", str(file), "--yes")
    exported = tmp_path / "exported.toml"
    config("export", str(exported))
    assert exported.read_text() == config("export")
    assert config("apply", str(exported)) == "No changes.\n"
    assert "secret" not in exported.read_text()


def test_a_wrong_file_ends_with_status_1_and_every_error(
    world: World, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("[site]\n[accounts.A]\n")
    with pytest.raises(CommandError, match="2 problems; nothing was changed") as error:
        config("apply", str(file), "--check")
    assert error.value.returncode == 1
    shown = capsys.readouterr().err
    assert "site: unknown key (line 1)" in shown
    assert "accounts.A: " in shown


@pytest.mark.parametrize(("answer", "applied"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_person_is_asked(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch, answer: str, applied: bool
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    if applied:
        config("apply", str(file))
    else:
        with pytest.raises(CommandError, match="Nothing was changed"):
            config("apply", str(file))
    assert Domain.objects.exists() is applied


def test_a_script_is_not_asked(world: World, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    config("apply", str(file))
    assert Domain.objects.exists()


def test_a_file_comes_from_standard_input(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(EXAMPLE.encode())))
    config("apply", "-", "--yes")
    assert Domain.objects.exists()


def test_a_change_while_somebody_thinks_is_noticed(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(question: str) -> str:
        assert world.b_example
        return "y"

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(CommandError, match="changed meanwhile"):
        config("apply", str(file))
    assert [domain.name for domain in Domain.objects.all()] == ["b.example"]


def test_a_configuration_that_never_stands_still_is_not_compared(
    world: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(range(1000))
    monkeypatch.setattr(planning, "read_generation", lambda: next(numbers))
    with pytest.raises(CommandError, match="changed meanwhile"):
        config("apply", str(file))


def test_a_missing_file_is_an_error(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        config("apply", str(tmp_path / "none.toml"))
