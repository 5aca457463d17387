"""Kind "forward": what a backend answers (reverse proxy)."""

import re
from collections.abc import Mapping
from typing import Final

from mail.kinds.fields import NumberField, SwitchField, TextField, WordsField
from mail.kinds.reader import SettingsReader
from webserver.handlers.forward.backend import parse_backend
from webserver.handlers.forward.outcome import forward_outcome
from webserver.handlers.kind import Kind, Place
from webserver.handlers.response_headers import RESPONSE_HEADERS, read_response_headers
from webserver.handlers.urls import WrongUrl
from webserver.routing.values import (
    DEFAULT_CONNECT_SECONDS,
    DEFAULT_HEALTH_SECONDS,
    DEFAULT_RESPONSE_SECONDS,
    Backend,
    ForwardSettings,
    HealthCheck,
)

URLS: Final = WordsField(
    name="urls",
    label="Backends",
    help_text="http://127.0.0.1:8123/base, https://host, or http://unix:/run/app.sock:/base; several share "
    "the requests.",
)
URL: Final = "url"
"""In the configuration file, instead of a list of one."""
_STRIP_PATH: Final = SwitchField(
    name="strip_path",
    label="Strip path",
    help_text="The backend does not see the part of the path that the path regexp matches.",
)
_CONNECT: Final = NumberField(
    name="connect_seconds",
    label="Seconds to connect",
    help_text=f"Empty: {DEFAULT_CONNECT_SECONDS:.0f}.",
    lowest=1,
    highest=600,
    default=int(DEFAULT_CONNECT_SECONDS),
)
_RESPONSE: Final = NumberField(
    name="response_seconds",
    label="Seconds to answer",
    help_text=f"Until the backend begins to answer. Empty: {DEFAULT_RESPONSE_SECONDS:.0f}.",
    lowest=1,
    highest=86_400,
    default=int(DEFAULT_RESPONSE_SECONDS),
)
_HEALTH_PATH: Final = TextField(
    name="health_path",
    label="Health check",
    help_text="Path such as /healthz to ask backends for; those that fail are asked last. Empty: none.",
    longest=1000,
)
_HEALTH_SECONDS: Final = NumberField(
    name="health_seconds",
    label="Seconds between health checks",
    help_text=f"Empty: {DEFAULT_HEALTH_SECONDS:.0f}.",
    lowest=1,
    highest=86_400,
    default=int(DEFAULT_HEALTH_SECONDS),
)
_HEALTH_STATUS: Final = NumberField(
    name="health_status",
    label="Status of a healthy backend",
    help_text="Empty: any below 400.",
    lowest=200,
    highest=599,
)
_PATH: Final = re.compile(r"/[!-~]*")


def parse(reader: SettingsReader, place: Place) -> ForwardSettings:
    """The settings; what is wrong is noted in the reader."""
    return ForwardSettings(
        backends=_parse_backends(reader),
        strip_path=reader.switch(_STRIP_PATH),
        response_headers=read_response_headers(reader),
        connect_seconds=float(reader.number(_CONNECT)),
        response_seconds=float(reader.number(_RESPONSE)),
        health=_parse_health(reader),
    )


def _parse_health(reader: SettingsReader) -> HealthCheck | None:
    path = reader.line(_HEALTH_PATH)
    seconds, status = reader.number(_HEALTH_SECONDS), reader.number(_HEALTH_STATUS)
    if not path:
        return None
    if not _PATH.fullmatch(path):
        reader.problem(_HEALTH_PATH.name, "must be a path that begins with / and has no blanks")
    return HealthCheck(path, float(seconds), status)


def _parse_backends(reader: SettingsReader) -> tuple[Backend, ...]:
    single, several = reader.text(URL, 4000), reader.texts(URLS.name)
    field = URL if single else URLS.name
    if single and several:
        reader.problem(URL, f"and {URLS.name} can't be used together")
    texts = several or ([single] if single else [])
    if not texts:
        reader.problem(field, "is needed: the backend that answers")
    found: list[Backend] = []
    for text in texts:
        try:
            backend = parse_backend(text)
        except WrongUrl as error:
            reader.problem(field, f"{text!r} {error}")
            continue
        if backend in found:
            reader.problem(field, f"{text!r} is there twice")
        found.append(backend)
    return tuple(found)


def _target(settings: Mapping[str, object]) -> str:
    several = settings.get(URLS.name) or [settings.get(URL, "")]
    return ", ".join(map(str, several)) if isinstance(several, list | tuple) else ""


KIND: Final = Kind(
    name="forward",
    settings_type=ForwardSettings,
    parse=parse,
    outcome=forward_outcome,
    fields=(
        URLS,
        _STRIP_PATH,
        RESPONSE_HEADERS,
        _CONNECT,
        _RESPONSE,
        _HEALTH_PATH,
        _HEALTH_SECONDS,
        _HEALTH_STATUS,
    ),
    purpose="What a backend answers.",
    target=_target,
)
