"""What keeps an account from losing an address.

Who follows what belongs to accounts registers a guard. A change is judged when it is complete: an address
that goes may be covered by another one that comes with the same form or file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import lock_rows, refuse

if TYPE_CHECKING:
    from mail.models import Destination

Guard: TypeAlias = Callable[[int | None], Callable[[], list[str]]]
"""Called before an account (None: any account) loses addresses. What it gives is called when the change is
complete, and tells in sentences what the change has made wrong; what was wrong before is no matter.
"""

_guards: list[Guard] = []
_judging: ContextVar[bool] = ContextVar("judging", default=False)


def guard_removals(guard: Guard) -> None:
    """Ask this guard too. Called from AppConfig.ready."""
    _guards.append(guard)


@contextmanager
def judged_removals(account: int | None = None) -> Iterator[None]:
    """Make a change in this block, inside a transaction. Raises ValidationError at its end to refuse it.

    Blocks within blocks are judged with the outermost one.
    """
    if _judging.get():
        yield
        return
    judges = [guard(account) for guard in _guards]
    token = _judging.set(True)
    try:
        yield
    finally:
        _judging.reset(token)
    refuse([FieldProblem("", problem) for judge in judges for problem in judge()])


def release_from_aliases(destination: "Destination") -> None:
    """Take an address that goes out of its aliases, in the caller's transaction.

    Raises ValidationError when one would lose its last member: all mail to the alias would be refused.
    """
    memberships = destination.memberships.select_related("alias__domain")
    aliases = [membership.alias for membership in memberships]
    if not aliases:
        return
    lock_rows(type(aliases[0])._default_manager.filter(pk__in=[alias.pk for alias in aliases]).order_by("pk"))
    refuse(
        [
            FieldProblem(
                "",
                f"{destination} is the last member of the alias {alias}: remove the alias, or give it "
                "another member first.",
            )
            for alias in aliases
            if not alias.memberships.exclude(destination=destination).exists()
        ]
    )
    memberships.all().delete()
