"""--loglevel on the command line, and what else holds for every command."""

from pathlib import Path

import pytest

from mail.log.levels import LEVELS
from moxsite.cli import WrongUsage, take_loglevel
from moxsite.version import VERSION
from tests.program.running import clean_environment, manage


@pytest.mark.parametrize(
    ("words", "kept", "level"),
    [
        (["m", "check"], ["m", "check"], None),
        (["m", "--loglevel", "debug", "check"], ["m", "check"], "debug"),
        (["m", "check", "--loglevel=trace", "x"], ["m", "check", "x"], "trace"),
        (["m", "--loglevel", "error", "check", "--loglevel", "INFO"], ["m", "check"], "info"),
        (["m", "sendmail", "--", "--loglevel"], ["m", "sendmail", "--", "--loglevel"], None),
    ],
)
def test_the_option_is_taken_out_wherever_it_stands(
    words: list[str], kept: list[str], level: str | None
) -> None:
    assert take_loglevel(words) == (kept, level)


@pytest.mark.parametrize("words", [["m", "--loglevel"], ["m", "--loglevel="], ["m", "--loglevel", "loud"]])
def test_an_unknown_or_missing_level_is_refused_and_the_known_ones_are_named(words: list[str]) -> None:
    with pytest.raises(WrongUsage, match=", ".join(LEVELS)):
        take_loglevel(words)


def test_an_unknown_level_ends_the_program_with_status_2(tmp_path: Path) -> None:
    done = manage(["check", "--loglevel", "loud"], clean_environment(tmp_path / "data"))
    assert done.returncode == 2
    assert "'loud' is no log level" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_version_is_that_of_moxsite(tmp_path: Path) -> None:
    for words in (["--version"], ["version"], ["serve", "--version"]):
        assert manage(words, clean_environment(tmp_path)).stdout == f"{VERSION}\n"


def test_help_tells_of_the_option(tmp_path: Path) -> None:
    done = manage(["help"], clean_environment(tmp_path / "data"))
    assert done.returncode == 0
    assert "--loglevel LEVEL" in done.stdout


def test_a_wrong_setting_ends_the_program_with_status_78_and_its_name(tmp_path: Path) -> None:
    environment = clean_environment(tmp_path / "data", MOXSITE_PORT_OFFSET="many")
    done = manage(["check"], environment)
    assert done.returncode == 78
    assert done.stderr.startswith("MOXSITE_PORT_OFFSET='many'")
    assert "Traceback" not in done.stderr
