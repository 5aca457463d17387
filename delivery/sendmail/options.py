"""The command line of sendmail, with the options that programs have used for forty years."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_CONFIGURATION = Path("/etc/moxsite/sendmail.toml")

USAGE = """\
usage: sendmail [--config FILE] [-t] [-i] [-f ADDRESS] [-F NAME] [-v] [--] [RECIPIENT...]

Reads a message from standard input and hands it to the mail server that the configuration names.

  --config FILE    the configuration (default /etc/moxsite/sendmail.toml)
  -t               also to the addresses in To, Cc and Bcc
  -i, -oi          a line with a single dot is part of the message, not its end
  -f, -r ADDRESS   the envelope sender; <> for none
  -F NAME          the name in From, where the message has no From
  -v               show the conversation with the server
  --loglevel LEVEL what to log on standard error (default warning)
"""

_WITH_VALUE = "ABCDFLMNORVXbefhopr"
"""Letters whose value is the rest of the word, or the next word."""

_WITH_ATTACHED_VALUE = "dq"
"""Letters whose value, if there is one, is the rest of the word and never the next one."""

_PLAIN = "GIUcimnstv"


class WrongUsage(Exception):
    """The command line can't be followed. The text says why."""


@dataclass(slots=True)
class Options:
    """`sender` is None when the command line names none, "" for the null sender."""

    configuration: Path = DEFAULT_CONFIGURATION
    recipients: list[str] = field(default_factory=list)
    from_header: bool = False
    dot_is_text: bool = False
    sender: str | None = None
    name: str = ""
    verbose: bool = False
    level: str = "warning"
    show: str | None = None
    """What to print instead of sending anything."""


def read_options(words: Sequence[str]) -> Options:
    """What the words after the program's name ask for. Raises WrongUsage.

    Options that matter only to a mail system with a queue are understood, with their values, and change
    nothing; a word that begins with an unknown letter is passed over whole.
    """
    options = Options()
    rest = iter(words)
    for word in rest:
        if word == "--":
            options.recipients += rest
        elif word.startswith("--"):
            _read_long(options, word[2:], rest)
        elif word.startswith("-") and word != "-":
            _read_letters(options, word[1:], rest)
        else:
            options.recipients.append(word)
    return options


def _read_long(options: Options, word: str, rest: Iterator[str]) -> None:
    name, equals, value = word.partition("=")
    if name == "help":
        options.show = USAGE
    elif name in ("config", "loglevel"):
        value = value if equals else _next(rest, f"--{name}")
        if name == "config":
            options.configuration = Path(value)
        else:
            options.level = value.lower()


def _read_letters(options: Options, letters: str, rest: Iterator[str]) -> None:
    """One word: letters without values may stand together, as in -ti."""
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter in _WITH_VALUE:
            _apply(options, letter, letters or _next(rest, f"-{letter}"))
            return
        if letter in _WITH_ATTACHED_VALUE:
            _apply(options, letter, letters)
            return
        if letter not in _PLAIN:
            return
        _apply(options, letter, "")


def _apply(options: Options, letter: str, value: str) -> None:
    match letter:
        case "t":
            options.from_header = True
        case "i":
            options.dot_is_text = True
        case "v":
            options.verbose = True
        case "f" | "r":
            options.sender = "" if value.strip() in ("", "<>") else value
        case "F":
            options.name = value
        case "o" if value.startswith("i"):
            options.dot_is_text = True
        case "o" if value.startswith("t"):
            options.from_header = True
        case "O" if value.replace(" ", "").lower() in ("ignoredots=true", "ignoredots"):
            options.dot_is_text = True
        case "b":
            _choose_mode(options, value)
        case "I":
            _choose_mode(options, "i")
        case "q":
            options.show = ""


def _choose_mode(options: Options, mode: str) -> None:
    match mode[:1]:
        case "" | "m":
            return
        case "p":
            options.show = "Mail queue is empty: this sendmail hands every message over at once.\n"
        case "i":
            options.show = "There are no aliases here: the mail server has them.\n"
        case "s":
            raise WrongUsage(
                "-bs (SMTP on standard input) is not possible: "
                "give the message on standard input, or speak SMTP to the mail server itself"
            )
        case _:
            raise WrongUsage(f"-b{mode} is not possible: this sendmail only sends what it is given")


def _next(rest: Iterator[str], option: str) -> str:
    value = next(rest, None)
    if value is None:
        raise WrongUsage(f"{option} needs a value")
    return value
