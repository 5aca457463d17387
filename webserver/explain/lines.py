"""A decision in lines of text. Pure."""

from collections.abc import Iterator

from mail.addresses.domain import display_domain
from webserver.routing.decision import Decision, Stage, Step
from webserver.routing.system import SystemEndpoint


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
    """The name of the handler that answers, or in parentheses what does instead; as in logs and metrics."""
    if decision.handler is not None:
        return decision.handler.name
    deciding = decision.deciding
    if deciding.stage is Stage.SYSTEM:
        return f"({SystemEndpoint(deciding.reason).name.lower().replace('_', '-')})"
    names = {Stage.SERVICES: "(pages)", Stage.REDIRECTS: "(domainredirect)"}
    return names.get(deciding.stage, "(nomatch)")


def _mark(step: Step) -> str:
    return "->" if step.decides else "--" if step.asked else "  "
