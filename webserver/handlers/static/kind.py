"""Kind "static": files below a folder."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final

from mail.kinds.fields import SwitchField, TextField
from mail.kinds.reader import SettingsReader
from webserver.handlers.kind import Kind, Place
from webserver.handlers.response_headers import RESPONSE_HEADERS, read_response_headers
from webserver.handlers.static.outcome import static_outcome
from webserver.routing.values import StaticSettings

_ROOT: Final = TextField(name="root", label="Folder", help_text="With its full path: /srv/www.", longest=1000)
_STRIP_PREFIX: Final = TextField(
    name="strip_prefix",
    label="Strip prefix",
    help_text="Taken from the path before a file is looked for: with /app, /app/a.css is a.css there.",
    longest=500,
)
_LIST_FILES: Final = SwitchField(
    name="list_files", label="List files", help_text="Of folders without an index.html."
)
_CONTINUE: Final = SwitchField(
    name="continue_not_found",
    label="Continue when not found",
    help_text="Ask the next handler for what is not there, instead of answering 404.",
)
_FOLLOW: Final = SwitchField(
    name="follow_symlinks",
    label="Follow links out of the folder",
    help_text="Symbolic links that stay inside always work.",
)


def parse(reader: SettingsReader, place: Place) -> StaticSettings:
    """The settings; what is wrong is noted in the reader."""
    return StaticSettings(
        root=_parse_root(reader),
        strip_prefix=_parse_prefix(reader),
        list_files=reader.switch(_LIST_FILES),
        continue_not_found=reader.switch(_CONTINUE),
        follow_symlinks=reader.switch(_FOLLOW),
        response_headers=read_response_headers(reader),
    )


def _parse_root(reader: SettingsReader) -> str:
    root = reader.line(_ROOT)
    path = PurePosixPath(root)
    if not root:
        reader.problem(_ROOT.name, "is needed: the folder that holds the files")
    elif not path.is_absolute():
        reader.problem(_ROOT.name, "must be a full path that begins with /, such as /srv/www")
    elif ".." in path.parts:
        reader.problem(_ROOT.name, "must not contain ..")
    return str(path)


def _parse_prefix(reader: SettingsReader) -> str:
    prefix = reader.line(_STRIP_PREFIX)
    if prefix and not prefix.startswith("/"):
        reader.problem(_STRIP_PREFIX.name, "must begin with /")
    elif "//" in prefix or {".", ".."} & set(prefix.split("/")):
        reader.problem(_STRIP_PREFIX.name, "never matches: paths are cleaned of //, . and .. before")
    return prefix.rstrip("/")


def _target(settings: Mapping[str, object]) -> str:
    return str(settings.get(_ROOT.name, ""))


KIND: Final = Kind(
    name="static",
    settings_type=StaticSettings,
    parse=parse,
    outcome=static_outcome,
    fields=(_ROOT, _STRIP_PREFIX, _LIST_FILES, _CONTINUE, _FOLLOW, RESPONSE_HEADERS),
    purpose="Files of a folder.",
    target=_target,
)
