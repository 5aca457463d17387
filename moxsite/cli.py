"""From the command line to a management command.

Handles what holds for every command: --loglevel, the version, the log, and the supervisor's death.
"""

import os
import signal
import sys
from collections.abc import Sequence

from django.conf import settings
from django.core.management import ManagementUtility

from mail.log.levels import LEVELS
from mail.process.lifeline import follow_parent
from moxsite.audit.actor import act_as_command
from moxsite.env import EX_CONFIG, WrongValue
from moxsite.localserve import prepare_environment
from moxsite.logs.levels import use_flag
from moxsite.logs.output import start_logging
from moxsite.setup.quickstart.cannot_begin import CannotBegin
from moxsite.setup.quickstart.environment import UnusableFile, load_settings
from moxsite.version import VERSION

EX_USAGE = 2
"""Exit status for a wrong option, as argparse has it."""

CONFIGURED_COMMANDS = frozenset({"serve", "localserve", "runsmtp", "runweb", "runworker"})
"""Commands that follow the configured log levels once the configuration is loaded."""

LOGLEVEL_HELP = f"""
Every command accepts --loglevel LEVEL, before or after its name: {", ".join(LEVELS)}.
"""


class WrongUsage(Exception):
    """An option of the command line can't be used."""


class Commands(ManagementUtility):
    """Django's commands and ours, with --loglevel in the help."""

    def main_help_text(self, commands_only: bool = False) -> str:
        text = super().main_help_text(commands_only)
        return text if commands_only else text + "\n" + LOGLEVEL_HELP


def main(argv: Sequence[str]) -> int:
    """Run the command that `argv` names; `argv[0]` is the program. Returns the exit status."""
    os.umask(0o077)  # mail, keys and configuration are nobody else's business
    try:
        _run(argv)
        sys.stdout.flush()
    except WrongUsage as problem:
        print(f"{os.path.basename(argv[0])}: {problem}", file=sys.stderr)
        return EX_USAGE
    except CannotBegin as problem:
        print(problem, file=sys.stderr)
        return 1
    except UnusableFile as problem:
        print(problem, file=sys.stderr)
        return EX_CONFIG
    except WrongValue as problem:
        print(problem.message, file=sys.stderr)
        return EX_CONFIG
    except BrokenPipeError:
        # Whoever read the output has seen enough, as in “queue list | head”.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception as error:
        reason = _database_is_unusable(error)
        if reason is None:
            raise
        print(reason, file=sys.stderr)
        return EX_CONFIG
    return 0


def _database_is_unusable(error: Exception) -> str | None:
    """Why, if that is the reason of the error."""
    if "django.db" not in sys.modules or not settings.configured:
        return None
    # What asks takes 0.2 s to import, and is seldom needed.
    from moxsite.unusable_database import explanation

    return explanation(error)


def _run(argv: Sequence[str]) -> None:
    arguments, level = take_loglevel(argv)
    if "--version" in arguments[1:3] or arguments[1:] == ["version"]:
        print(VERSION)
        return
    start_logging()
    use_flag(level, until_configured=command_name(arguments) in CONFIGURED_COMMANDS)
    follow_parent()
    act_as_command(*(word for word in arguments[1:3] if word.isalpha()))
    if command_name(arguments) == "localserve":
        prepare_environment(arguments[2:], os.environ)
    elif command_name(arguments) == "quickstart":
        # What looks around takes 0.2 s to import, and no other command needs it.
        from moxsite.setup.quickstart.beginning import begin

        begin(arguments[2:], os.environ)
    else:
        load_settings(os.environ)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moxsite.settings")
    Commands(arguments).execute()


def command_name(arguments: Sequence[str]) -> str:
    """The name of the command, empty when there is none."""
    return arguments[1] if len(arguments) > 1 else ""


def take_loglevel(argv: Sequence[str]) -> tuple[list[str], str | None]:
    """The command line without --loglevel, and its level; of several the last one.

    What follows “--” is left alone. Raises WrongUsage for an unknown or missing level.
    """
    kept: list[str] = []
    level: str | None = None
    rest = iter(argv)
    for word in rest:
        if word == "--":
            kept += [word, *rest]
        elif word == "--loglevel":
            level = _known_level(next(rest, ""))
        elif word.startswith("--loglevel="):
            level = _known_level(word.partition("=")[2])
        else:
            kept.append(word)
    return kept, level


def _known_level(name: str) -> str:
    if name.lower() not in LEVELS:
        given = f"{name!r} is no log level" if name else "--loglevel needs a level"
        raise WrongUsage(f"{given}: use one of {', '.join(LEVELS)}")
    return name.lower()
