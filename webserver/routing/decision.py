"""Who answers a request: the steps in their order, each with the reason why it decides or passes on.

The edge takes the same steps with the same functions, without making texts: `system_endpoint`, `is_own_host`,
the redirect of the domain, then `judge` for each of `WebSnapshot.handlers_of` and the code of its kind.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from webserver.handlers.kinds import outcome
from webserver.handlers.outcome import Outcome
from webserver.handlers.redirect.location import domain_location, https_location
from webserver.routing.request import Request
from webserver.routing.system import is_own_host, system_endpoint
from webserver.routing.values import Handler, WebSnapshot
from webserver.routing.verdicts import Verdict, judge

Asking: TypeAlias = Callable[[Handler, Request], Outcome]
"""What a handler of the right host and path does. May look at files, unlike what is used by default."""


class Stage(enum.Enum):
    """The part of the order that a step belongs to."""

    SYSTEM = "System"
    SERVICES = "Account and admin pages"
    REDIRECTS = "Domain redirects"
    HANDLERS = "Web handlers"
    NOTHING = "Nothing left"


@dataclass(frozen=True, slots=True)
class Step:
    """One that was asked, or, behind the one that decides, would have been asked."""

    stage: Stage
    subject: str
    reason: str
    decides: bool = False
    asked: bool = True
    handler: Handler | None = None
    target: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """All steps, in order. Exactly one decides."""

    request: Request
    steps: tuple[Step, ...]

    @property
    def deciding(self) -> Step:
        """The step that decides."""
        return next(step for step in self.steps if step.decides)

    @property
    def handler(self) -> Handler | None:
        """The handler that takes the request, if one does."""
        return self.deciding.handler


def decide(web: WebSnapshot, request: Request, ask: Asking = outcome) -> Decision:
    """The decision with every step. Limits of rate, passwords and what backends say are not part of it."""
    steps: list[Step] = []
    for step in (_system(web, request), _services(web, request), _redirect(web, request)):
        steps.append(_behind(steps, step))
    for handler in web.handlers:
        steps.append(_behind(steps, _handler(handler, request, ask)))
    if not any(step.decides for step in steps):
        steps.append(Step(Stage.NOTHING, "No handler", "nothing took the request", True, status=404))
    return Decision(request, tuple(steps))


def _behind(steps: list[Step], step: Step) -> Step:
    """The step as it counts behind those before it."""
    if not any(before.decides for before in steps):
        return step
    reason = "not asked" if not step.decides else f"not asked; else: {step.reason}"
    return Step(step.stage, step.subject, reason, asked=False, handler=step.handler)


def _system(web: WebSnapshot, request: Request) -> Step:
    found = system_endpoint(web, request.host, request.path.decoded)
    if found is None:
        return Step(Stage.SYSTEM, "System paths", "the path is none of the system’s at this host")
    return Step(Stage.SYSTEM, "System paths", found.value, True)


def _services(web: WebSnapshot, request: Request) -> Step:
    name = Stage.SERVICES.value
    if is_own_host(web, request.host, is_ip=request.authority.is_ip):
        return Step(Stage.SERVICES, name, f"{request.host} is a host of this server itself", True)
    if not request.host:
        return Step(Stage.SERVICES, name, "there is no host name that can be read")
    return Step(Stage.SERVICES, name, f"{request.host} is no host of this server itself")


def _redirect(web: WebSnapshot, request: Request) -> Step:
    to = web.redirects.get(request.host)
    if to is None:
        return Step(Stage.REDIRECTS, "Domain redirects", f"there is none for {request.host or 'no host'}")
    location = domain_location(to, request)
    subject = f"{request.host} → {to}"
    return Step(Stage.REDIRECTS, subject, "the whole domain is redirected", True, target=location, status=308)


def _handler(handler: Handler, request: Request, ask: Asking) -> Step:
    def step(decides: bool, reason: str, target: str = "", status: int | None = None) -> Step:
        return Step(
            Stage.HANDLERS, handler.name, reason, decides, handler=handler, target=target, status=status
        )

    if not _is_for(handler, request):
        return step(False, f"it is for {handler.domain}")
    verdict = judge(handler, request)
    if verdict is Verdict.PATH_DIFFERS:
        return step(False, f"{request.path.decoded} does not match {handler.path.pattern}")
    if verdict is Verdict.TO_HTTPS:
        return step(True, "plain http is redirected to https", https_location(request), 308)
    if verdict is Verdict.FORBIDDEN:
        return step(
            True, f"{request.client or 'the client'} is in none of its networks: answers 403", "", 403
        )
    found = ask(handler, request)
    protected = "; asks for a password first" if found.takes and handler.basic_auth else ""
    return step(found.takes, found.reason + protected, found.target, found.status)


def _is_for(handler: Handler, request: Request) -> bool:
    if request.authority.is_ip or not request.host:
        return False
    if handler.domain.startswith("*."):
        return request.host.partition(".")[2] == handler.domain[2:]
    return request.host == handler.domain
