"""Letting the edge answer at the hosts that DNS names."""

from moxsite.setup.host_names import mail_host_names
from moxsite.setup.served.answering import Answering, Answers
from webserver.dispatch.system import SystemAnswer, SystemHandler, SystemRequest, system_handlers


def register_served() -> None:
    """For an edge process, before it starts."""
    for endpoint, answering in Answers(mail_host_names()).by_endpoint().items():
        system_handlers().register(endpoint, _handler(answering))


def _handler(answering: Answering) -> SystemHandler:
    async def answer(asked: SystemRequest) -> SystemAnswer:
        return answering(asked)

    return answer
