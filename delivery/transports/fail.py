"""Kind "fail": every attempt fails at once with a configured reply."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from delivery.smtp.client.failure import Stage, local_failure
from delivery.transports.fields import NumberField, TextField
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.kind import Kind
from delivery.transports.settings import SettingsReader
from delivery.transports.undelivered import Undelivered

DEFAULT_CODE = 554
DEFAULT_MESSAGE = "delivery by this transport is configured to fail"
LONGEST_MESSAGE = 256

_CODE: Final = NumberField(
    name="smtp_code",
    label="Reply code",
    help_text="4xx: tried again later. 5xx: given up at once. Empty: 554.",
    lowest=400,
    highest=599,
    default=DEFAULT_CODE,
)
_MESSAGE: Final = TextField(
    name="smtp_message",
    label="Reply text",
    help_text="What the sender reads in the notice.",
    longest=LONGEST_MESSAGE,
)


@dataclass(frozen=True, slots=True)
class FailSettings:
    """The reply. A 4xx code is tried again on the usual schedule, a 5xx code is final."""

    smtp_code: int = DEFAULT_CODE
    smtp_message: str = DEFAULT_MESSAGE
    max_connections: int = 0
    max_messages_per_minute: int = 0


def parse(reader: SettingsReader) -> FailSettings:
    """The settings; what is wrong is noted in the reader."""
    code = reader.number(_CODE)
    message = reader.line(_MESSAGE)
    if not message.isascii():
        reader.problem(_MESSAGE.name, "must be plain ASCII")
    return FailSettings(code, message or DEFAULT_MESSAGE)


async def deliver(settings: FailSettings, group: Group, context: DeliveryContext) -> GroupResult:
    """Fail for every recipient. No server is asked, so the reply is ours."""
    undelivered = Undelivered(group, context.settled)
    enhanced = f"{settings.smtp_code // 100}.7.0"
    undelivered.fail(local_failure(Stage.RESOLVE, settings.smtp_code, enhanced, settings.smtp_message))
    return undelivered.result()


def _target(settings: Mapping[str, object]) -> str:
    return " ".join(str(settings[field.name]) for field in (_CODE, _MESSAGE) if field.name in settings) or "–"


KIND: Final = Kind(
    name="fail",
    parse=parse,
    deliver=deliver,
    fields=(_CODE, _MESSAGE),
    purpose="To nobody: every attempt ends with a reply of yours.",
    advice="No mail leaves this way, so there is nothing to set in DNS.",
    target=_target,
)
