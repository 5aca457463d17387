"""A decision in lines of text. Pure."""

from collections.abc import Iterator

from mail.addresses.domain import display_domain
from webserver.routing.decision import Decision, Stage, Step


def decision_lines(decision: Decision) -> Iterator[str]:
    """The request, every step with its reason, and what happens; the last line names the handler."""
    request = decision.request
    yield f"{request.method} {request.scheme}://{display_domain(request.host)}{request.target}"
    if request.path.decoded != request.path.raw:
        yield f"handlers see the path {request.path.decoded}"
    stage: Stage | None = None
    for step in decision.steps:
        if step.stage is not stage and step.stage in (Stage.HANDLERS, Stage.NOTHING):
            yield f"{step.stage.value}:"
        stage = step.stage
        yield f"  {_mark(step)} {step.subject}: {step.reason}"
    deciding = decision.deciding
    if deciding.target:
        yield f"target: {deciding.target}"
    if deciding.status is not None:
        yield f"status: {deciding.status}"
    yield f"handler: {answering(decision)}"


def answering(decision: Decision) -> str:
    """The name of the handler that answers, or of what does instead, in parentheses."""
    if decision.handler is not None:
        return decision.handler.name
    return {
        Stage.SYSTEM: "(system)",
        Stage.SERVICES: "(services)",
        Stage.REDIRECTS: "(domainredirect)",
    }.get(decision.deciding.stage, "(nomatch)")


def _mark(step: Step) -> str:
    return "->" if step.decides else "--" if step.asked else "  "
