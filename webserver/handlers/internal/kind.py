"""Kind "internal": the program's own pages at another host or path."""

from collections.abc import Mapping
from typing import Final, cast

from mail.kinds.fields import ChoiceField, TextField
from mail.kinds.reader import SettingsReader
from webserver.handlers.internal.outcome import internal_outcome
from webserver.handlers.kind import Kind, Place
from webserver.routing.values import InternalSettings, ServiceName

_SERVICE: Final = ChoiceField(
    name="service", label="Pages", choices=(("account", "account: mail of people"), ("admin", "admin"))
)
_BASE_PATH: Final = TextField(
    name="base_path", label="Base path", help_text="Where they begin: / or /mail/.", longest=500
)


def parse(reader: SettingsReader, place: Place) -> InternalSettings:
    """The settings; what is wrong is noted in the reader."""
    if not reader.given(_SERVICE.name):
        reader.problem(_SERVICE.name, "is needed: account or admin")
    path = reader.line(_BASE_PATH)
    if not path.startswith("/") or not path.endswith("/"):
        reader.problem(_BASE_PATH.name, "must begin and end with /")
    elif "//" in path or {".", ".."} & set(path.split("/")):
        reader.problem(_BASE_PATH.name, "never matches: paths are cleaned of //, . and .. before")
    elif "?" in path or "#" in path or "%" in path:
        reader.problem(_BASE_PATH.name, "is a path as people read it, without ?, # and %")
    return InternalSettings(cast("ServiceName", reader.choice(_SERVICE)), path)


def _target(settings: Mapping[str, object]) -> str:
    return f"{settings.get(_SERVICE.name, '')} at {settings.get(_BASE_PATH.name, '')}"


KIND: Final = Kind(
    name="internal",
    settings_type=InternalSettings,
    parse=parse,
    outcome=internal_outcome,
    fields=(_SERVICE, _BASE_PATH),
    purpose="The program’s own pages, at another host or path.",
    target=_target,
)
