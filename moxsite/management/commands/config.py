"""manage.py config"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail import clock
from mail.configfile.section import Options
from mail.configuration.generation import read_generation
from moxsite.configfile import (
    ApplyFailed,
    ConfigurationChanged,
    Plan,
    apply_plan,
    export_text,
    make_plan,
    queue_effects,
)
from moxsite.models import ConfigurationVersion
from webserver.in_use import wait_for_edges
from webserver.recent.asked import run_folder

_CHANGED_MEANWHILE = (
    "The configuration was changed meanwhile by somebody else. Nothing was changed; try again."
)


class Command(BaseCommand):
    help = "Reads the configuration from a file, or writes it to one. Passwords are never written."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="apply|export|history|show")
        apply = actions.add_parser("apply", help="make the configuration what a file says")
        apply.add_argument("file", metavar="FILE", help="TOML; - is standard input")
        apply.add_argument("--check", action="store_true", help="show the changes and make none")
        apply.add_argument("--yes", action="store_true", help="don't ask before making the changes")
        apply.add_argument(
            "--remove-accounts",
            action="store_true",
            help="also remove accounts that hold mail, with their mail",
        )
        export = actions.add_parser("export", help="write the configuration as a file")
        export.add_argument("file", metavar="FILE", nargs="?", default="-", help="default: standard output")
        history = actions.add_parser("history", help="list the earlier configurations that are kept")
        history.add_argument("--limit", type=int, default=20, help="how many (default: 20)")
        show = actions.add_parser("show", help="write an earlier configuration, for config apply")
        show.add_argument("generation", metavar="GENERATION", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["action"]:
                case "export":
                    self._export(options["file"])
                case "history":
                    self._history(options["limit"])
                case "show":
                    self._show_version(options["generation"])
                case _:
                    self._apply(options)
        except ConfigurationChanged:
            raise CommandError(_CHANGED_MEANWHILE) from None
        except ApplyFailed as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename}: {error.strerror}" if error.filename else str(error)
            ) from error

    def _export(self, name: str) -> None:
        text = export_text()
        if name == "-":
            self.stdout.write(text, ending="")
        else:
            Path(name).write_text(text, encoding="utf-8")

    def _history(self, limit: int) -> None:
        for version in ConfigurationVersion.objects.defer("packed")[: max(limit, 0)]:
            since = f"{clock.as_datetime(version.moment):%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"{version.generation:>8}  {since}  +{version.added} -{version.removed}")

    def _show_version(self, generation: int) -> None:
        version = ConfigurationVersion.objects.filter(generation=generation).first()
        if version is None:
            raise CommandError(f"Generation {generation} is not kept; see manage.py config history.")
        self.stdout.write(version.text, ending="")

    def _apply(self, options: dict[str, Any]) -> None:
        name: str = options["file"]
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        folder = Path() if name == "-" else Path(name).parent
        plan = make_plan(data, folder, Options(remove_accounts=options["remove_accounts"]))
        self._refuse_problems(plan)
        self._show(plan)
        if options["check"] or not plan.changes:
            return
        if not options["yes"] and name != "-" and sys.stdin.isatty() and not self._agreed():
            raise CommandError("Nothing was changed.")
        apply_plan(plan)
        waited = wait_for_edges(run_folder(), read_generation())
        (self.stderr if waited.others else self.stdout).write(f"Applied. {waited.sentence}")

    def _refuse_problems(self, plan: Plan) -> None:
        for problem in plan.problems:
            self.stderr.write(str(problem), self.style.ERROR)
        if plan.problems:
            count = len(plan.problems)
            raise CommandError(f"{count} problem{'' if count == 1 else 's'}; nothing was changed.")

    def _show(self, plan: Plan) -> None:
        for line in plan.lines() or ["No changes."]:
            self.stdout.write(line)
        for effect in (*plan.effects(), *queue_effects(plan)):
            self.stdout.write(f"! {effect}")

    def _agreed(self) -> bool:
        return input("Make these changes? [y/N] ").strip().lower() in ("y", "yes")
