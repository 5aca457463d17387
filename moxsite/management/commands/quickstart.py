"""manage.py quickstart"""

import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from moxsite.setup.knowing import facts_of
from moxsite.setup.quickstart.beginning import KEPT, UNIT, Beginning, begun
from moxsite.setup.quickstart.environment import lines
from moxsite.setup.quickstart.making import ADMIN, make_first
from moxsite.setup.quickstart.options import add_options
from moxsite.setup.quickstart.text import Files, whole_text
from moxsite.setup.quickstart.unit import unit_text
from moxsite.supervisor.serve import CannotServe, create_folders
from moxsite.supervisor.spawn import MANAGE


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "Sets up a new installation in this folder: looks around, writes settings, makes a domain "
        "with keys, an account and an admin, and prints the DNS records and what to do next. "
        "Changes nothing that is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not begun:
            raise CommandError("quickstart only works from the command line: manage.py quickstart ADDRESS")
        beginning = begun[-1]
        try:
            create_folders(beginning.data)
            call_command("prepare")
            made = make_first(beginning.address)
        except CannotServe as error:
            raise CommandError(str(error)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        python = Path(sys.executable)
        files = _write(beginning, python)
        text = whole_text(beginning, facts_of(made.domain), files, f"{python} {MANAGE}")
        write_new(files.kept, text, 0o600)
        self.stdout.write(text)
        self.stdout.write(
            f"\nPasswords, shown only now\n\n"
            f"  Mail   {beginning.address}   {made.account_password}\n"
            f"  Admin  {ADMIN}   {made.admin_password}\n"
        )


def _write(beginning: Beginning, python: Path) -> Files:
    files = Files(beginning.settings_file, beginning.folder / UNIT, beginning.folder / KEPT)
    write_new(files.settings, lines(beginning.settings, _proposed(beginning)), 0o600)
    unit = unit_text(
        python=python,
        manage=MANAGE,
        folder=beginning.folder,
        data=beginning.data,
        settings_file=files.settings,
    )
    write_new(files.unit, unit, 0o644)
    return files


def _proposed(beginning: Beginning) -> dict[str, str]:
    """Whoever sets them agrees to the terms of the authority, so it is not done for them."""
    if beginning.options.certificate is not None or "MOXSITE_ACME_DIRECTORY" in beginning.settings:
        return {}
    return {"MOXSITE_ACME_DIRECTORY": "letsencrypt", "MOXSITE_ACME_CONTACT": str(beginning.address)}


def write_new(path: Path, text: str, mode: int) -> None:
    """Write a file that is not there yet. Raises CommandError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise CommandError(f"{path} can’t be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
