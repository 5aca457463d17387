"""Pages that are made from the code, or must name what it has."""

import re
import subprocess

from moxsite.settings import environment
from moxsite.settingsdoc import PAGE, settings_page
from tests.program.running import ROOT


def test_the_page_of_settings_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(environment.definitions.values()), "make docs"


def test_every_direct_dependency_has_its_line() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    for file in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            name = re.match(r"[A-Za-z][A-Za-z0-9-]*", line)
            if name:
                assert re.search(rf"^\|[^|]*\b{re.escape(name.group().lower())}\b", page, re.MULTILINE), line


def test_make_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)
    assert targets
    assert re.findall(r"^  make (\S+)", listed, re.MULTILINE) == targets


def test_without_a_fitting_python_make_says_what_to_install() -> None:
    done = subprocess.run(
        ["/bin/sh", ".ci/find-python"],
        cwd=ROOT,
        env={"PYTHON": "/bin/false", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer" in done.stderr
    assert "python3-venv" in done.stderr
