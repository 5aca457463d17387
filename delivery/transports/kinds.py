"""The kinds of transports there are. A new kind is one file beside this one and one line here."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from delivery.transports import direct, fail, smarthost, smtp, submission, submissions
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.settings import FieldProblem

Deliver = Callable[[Any, Group, DeliveryContext], Coroutine[Any, Any, GroupResult]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its settings from and to the configuration, and how it delivers.

    `read` raises InvalidSettings for a mapping in which `validate` finds problems. What it gives is what
    `deliver` takes. `secrets` names the settings that are never shown.
    """

    name: str
    validate: Callable[[Mapping[str, object]], list[FieldProblem]]
    read: Callable[[Mapping[str, object]], object]
    deliver: Deliver
    secrets: tuple[str, ...] = ()


def _smarthost(name: str, kind: smarthost.SmarthostKind) -> Kind:
    return Kind(name, kind.validate, kind.read, smarthost.deliver, secrets=("password",))


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("direct", direct.DirectSettings.validate, direct.DirectSettings.read, direct.deliver),
        _smarthost("smtp", smtp.KIND),
        _smarthost("submission", submission.KIND),
        _smarthost("submissions", submissions.KIND),
        Kind("fail", fail.FailSettings.validate, fail.FailSettings.read, fail.deliver),
    )
}


def kind_named(name: str) -> Kind:
    """The kind of a transport; without a name it is direct delivery. Raises KeyError for an unknown one."""
    return KINDS[name or "direct"]
