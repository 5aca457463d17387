"""Kind "redirect": another URL."""

import re
from collections.abc import Mapping
from typing import Final, Literal, cast

from mail.kinds.fields import ChoiceField, TextField
from mail.kinds.reader import SettingsReader
from webserver.handlers.kind import Kind, Place
from webserver.handlers.redirect.outcome import redirect_outcome
from webserver.handlers.redirect.replacement import replacement_problem
from webserver.handlers.regexps import WrongRegexp, compile_regexp
from webserver.handlers.urls import LONGEST_URL, WrongUrl, split_url
from webserver.routing.values import BaseUrl, RedirectSettings

_BASE_URL: Final = TextField(
    name="base_url",
    label="Base URL",
    help_text="Scheme, host and port to lead to: https://www.example.org. Without a scheme (//host) that of "
    "the request stays; empty keeps the host too.",
    longest=LONGEST_URL,
)
_PATH_REGEXP: Final = TextField(
    name="path_regexp",
    label="Path regexp",
    help_text="What is replaced in the path, with groups in parentheses: ^/old/(.*)$. Other paths get 404.",
    longest=1000,
)
_REPLACE_PATH: Final = TextField(
    name="replace_path",
    label="Replacement",
    help_text="$1 is the first group: /new/$1.",
    longest=LONGEST_URL,
)
_STATUS_CODE: Final = ChoiceField(
    name="status_code",
    label="Status",
    choices=(
        (308, "308 permanent"),
        (301, "301 permanent, POST may become GET"),
        (302, "302 temporary, POST may become GET"),
        (303, "303 see other, by GET"),
        (307, "307 temporary"),
    ),
)


def parse(reader: SettingsReader, place: Place) -> RedirectSettings:
    """The settings; what is wrong is noted in the reader."""
    base = _parse_base(reader)
    pattern, replacement = _parse_replacement(reader)
    if not any(map(reader.given, (_BASE_URL.name, _PATH_REGEXP.name, _REPLACE_PATH.name))):
        reader.problem(_BASE_URL.name, "or a path regexp with its replacement is needed")
    if base is not None and pattern is None:
        _check_loop(reader, base, place)
    return RedirectSettings(base, pattern, replacement, int(reader.choice(_STATUS_CODE)))


def _parse_base(reader: SettingsReader) -> BaseUrl | None:
    text = reader.line(_BASE_URL)
    if not text:
        return None
    try:
        parts = split_url(text)
    except WrongUrl as error:
        reader.problem(_BASE_URL.name, str(error))
        return None
    if parts.path not in ("", "/"):
        reader.problem(
            _BASE_URL.name, "must have no path; use a path regexp and a replacement to change paths"
        )
    scheme = cast("Literal['', 'http', 'https']", parts.scheme)
    return BaseUrl(scheme, parts.host, parts.port, parts.query, parts.fragment)


def _parse_replacement(reader: SettingsReader) -> tuple[re.Pattern[str] | None, str]:
    text, replacement = reader.line(_PATH_REGEXP), reader.line(_REPLACE_PATH)
    if bool(text) != bool(replacement):
        missing = _REPLACE_PATH if text else _PATH_REGEXP
        reader.problem(missing.name, "is needed: path regexp and replacement go together")
    if not text:
        return None, ""
    try:
        pattern = compile_regexp(text)
    except WrongRegexp as error:
        reader.problem(_PATH_REGEXP.name, str(error))
        return None, ""
    if problem := replacement_problem(replacement, pattern):
        reader.problem(_REPLACE_PATH.name, problem)
    return pattern, replacement


def _check_loop(reader: SettingsReader, base: BaseUrl, place: Place) -> None:
    """The one loop that takes two steps. Whether a redirect leads to itself is seen with each request."""
    leads_back = base.scheme == "http" and base.host == place.domain and base.port in (None, 80)
    if leads_back and not place.dont_redirect_plain_http:
        reader.problem(
            _BASE_URL.name,
            "leads back to this handler, which redirects plain http to https: the two would never end. "
            "Set dont_redirect_plain_http, or lead to https",
        )


def _target(settings: Mapping[str, object]) -> str:
    parts = (str(settings.get(_BASE_URL.name, "")).rstrip("/"), str(settings.get(_REPLACE_PATH.name, "")))
    return "".join(parts)


KIND: Final = Kind(
    name="redirect",
    settings_type=RedirectSettings,
    parse=parse,
    outcome=redirect_outcome,
    fields=(_BASE_URL, _PATH_REGEXP, _REPLACE_PATH, _STATUS_CODE),
    purpose="Another URL.",
    target=_target,
)
