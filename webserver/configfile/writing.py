"""Redirects and handlers as plain tables, lists and values of a file. Pure."""

from typing import Any

from webserver.configuration.values import HandlerValue, WebConfiguration


def write_web(configuration: WebConfiguration, document: dict[str, Any]) -> None:
    """Put websites into the document. Of passwords it says only who has one."""
    web: dict[str, Any] = {}
    if configuration.redirects:
        web["redirects"] = dict(sorted(configuration.redirects.items()))
    if configuration.handlers:
        web["handlers"] = [_handler(value) for value in configuration.handlers]
    if web:
        document["web"] = web


def _handler(value: HandlerValue) -> dict[str, Any]:
    optional = {
        "disabled": value.disabled,
        "dont_redirect_plain_http": value.dont_redirect_plain_http,
        "compress": value.compress,
        "allow_networks": list(value.allow_networks),
        "rate_per_minute": value.rate_per_minute,
        "basic_auth": dict.fromkeys(value.users, True),
    }
    return {
        **({"name": value.name} if value.name else {}),
        "domain": value.domain,
        "path": value.path,
        **{key: each for key, each in optional.items() if each},
        value.kind: _sorted(value.settings),
    }


def _sorted(settings: Any) -> Any:
    if not isinstance(settings, dict):
        return settings
    return {key: _sorted(settings[key]) for key in sorted(settings)}
