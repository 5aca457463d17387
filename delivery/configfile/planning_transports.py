"""Changes of transports."""

from functools import partial

from delivery.configfile.values import DeliveryConfiguration, TransportValue
from delivery.configuration.proxies import PROXY, PROXY_KIND, named_proxy
from delivery.models import Transport
from mail.configfile.section import Change, Phase, shown
from mail.secrets import SealBroken


def plan_transports(stored: DeliveryConfiguration, wanted: DeliveryConfiguration) -> list[Change]:
    """Transports that come, go, or change their settings or password. Passwords are never shown.

    Proxies come before those that are reached through them.
    """
    changes = []
    for name in sorted({*stored.transports, *wanted.transports}, key=partial(_place, wanted)):
        old, new = stored.transports.get(name), wanted.transports.get(name)
        if old is not None and named_proxy(old.settings) and old != new:
            changes.append(Change(Phase.RELEASE, "", partial(_release_proxy, name)))
        if new is None:
            changes.append(Change(Phase.REMOVE, f"- transport {name}", partial(_remove, name)))
            continue
        password = wanted.passwords.get(name)
        details = _differences(old or TransportValue(), new) + _password_difference(name, old, password)
        if old is None or details:
            text = f"{'~' if old else '+'} transport {name}" + (f": {', '.join(details)}" if details else "")
            save = partial(_save, name, new, password)
            changes.append(Change(Phase.TRANSPORTS, text, save, _effect(name, old, new, password)))
    return changes


def _place(wanted: DeliveryConfiguration, name: str) -> tuple[bool, str]:
    value = wanted.transports.get(name)
    return (value is None or value.kind != PROXY_KIND, name)


def _differences(old: TransportValue, new: TransportValue) -> list[str]:
    before, after = {"kind": old.kind, **old.settings}, {"kind": new.kind, **new.settings}
    return [
        f"{key} {_shown(before.get(key))} -> {_shown(after.get(key))}"
        for key in dict.fromkeys([*before, *after])
        if before.get(key) != after.get(key)
    ]


def _shown(value: object) -> str:
    if value is None:
        return "unset"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_shown(each)}" for key, each in value.items()) + "}"
    return shown(value)


def _password_difference(name: str, old: TransportValue | None, password: str | None) -> list[str]:
    if password is None:
        return []
    try:
        present = Transport.objects.get(name=name).password if old is not None else ""
    except SealBroken:
        return ["password removed" if not password else "password changed"]
    if present == password:
        return []
    if not password:
        return ["password removed"]
    return ["password changed" if present else "password set"]


def _effect(name: str, old: TransportValue | None, new: TransportValue, password: str | None) -> str:
    if old is None and new.settings.get("username") and not password:
        return f"transport {name} has a user name but no password yet"
    return ""


def _save(name: str, value: TransportValue, password: str | None) -> None:
    transport = Transport.objects.filter(name=name).first() or Transport(name=name)
    transport.kind, transport.settings = value.kind, dict(value.settings)
    if password is not None:
        transport.set_password(password)
    transport.save()


def _release_proxy(name: str) -> None:
    """Until it is saved again the transport needs no proxy, so that this one may change or go."""
    transport = Transport.objects.get(name=name)
    transport.settings.pop(PROXY)
    transport.save()


def _remove(name: str) -> None:
    Transport.objects.get(name=name).delete()
