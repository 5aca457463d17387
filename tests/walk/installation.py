"""An installation as quickstart makes it on a machine, and what its owner does with it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.program.running import ROOT, Program, clean_environment
from tests.walk.machine import Machine


class Installed:
    """A domain on a machine. Every command runs there, in the folder that quickstart was run in."""

    def __init__(self, machine: Machine, domain: str) -> None:
        self.machine = machine
        self.domain = domain
        self.host = f"mail.{domain}"
        self.address = f"you@{domain}"
        self.folder = machine.folder / "moxsite"
        self.folder.mkdir()
        self.text = ""
        self.password = ""
        self.admin_password = ""

    def quickstart(self, **variables: str) -> None:
        """Run it as somebody does who has just logged in to a new machine."""
        self.text = self.manage("quickstart", self.address, "--hostname", self.host, **variables)
        self.password, self.admin_password = re.findall(r"^  (?:Mail|Admin) .* (\S+)$", self.text, re.M)

    def manage(self, *words: str, **variables: str) -> str:
        """Run a command that must succeed; what it said."""
        status, said = self.tried(*words, **variables)
        assert status == 0, (words, said)
        return said

    def tried(self, *words: str, **variables: str) -> tuple[int, str]:
        """Run a command; its exit status and what it said."""
        with self._program([str(ROOT / "manage.py"), *words], variables) as program:
            return program.ended(), program.text

    @contextmanager
    def serving(self) -> Iterator[Program]:
        """serve, on the real ports."""
        with self._program([str(ROOT / "manage.py"), "serve"], {"MOXSITE_EDGE_PROCESSES": "1"}) as program:
            program.wait_for("serving")
            yield program
            assert program.stop() == 0, program.text

    def records(self) -> list[str]:
        """What dnsrecords prints, line by line."""
        return self.manage("dnsrecords", self.domain).splitlines()

    def findings(self) -> dict[str, dict[str, Any]]:
        """What dnscheck has to say about each section."""
        _, said = self.tried("dnscheck", self.domain, "--json")
        return {section["name"]: section for section in json.loads(said)["sections"]}

    def _program(self, command: list[str], variables: Mapping[str, str]) -> Program:
        environment = clean_environment(Path("data"), PYTHONPATH=str(ROOT), **variables)
        del environment["MOXSITE_DATA"]
        return Program(command, environment, prefix=self.machine.command(folder=self.folder))
