"""What a manifest says of a database, asked in the same snapshot that is copied."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Ask = Callable[[str], Sequence[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Facts:
    """The state of migration of each app, the configuration's generation, and how many messages there are."""

    migrations: dict[str, list[str]]
    generation: int
    messages: int


def read_facts(ask: Ask) -> Facts:
    """Works on the tables of every version."""
    migrations: dict[str, list[str]] = {}
    for app, name in ask("SELECT app, name FROM django_migrations ORDER BY app, name"):
        migrations.setdefault(app, []).append(name)
    ((generation,),) = ask("SELECT number FROM mail_generation")
    ((messages,),) = ask("SELECT count(*) FROM mail_content")
    return Facts(migrations, int(generation), int(messages))
