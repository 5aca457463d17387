"""Notes every change of the watched models, in the transaction that makes it.

It hears of what goes through `save` and `delete`, as all pages, commands and the configuration file do. Code
that changes rows otherwise tells it (mail.audit_trail). What SQL does is seen in the history alone.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models.signals import post_delete, post_save, pre_save

from delivery.models import Suppression
from mail import clock
from mail.audit_trail import Action, Changes, listen
from mail.configuration.generation import read_generation
from mail.configuration.validated import Validated
from mail.models import Credential, Login
from moxsite.audit.actor import current_actor
from moxsite.audit.values import MASKED, masked, row_values
from moxsite.models import AuditEntry, BackupRecord, SecondFactor

# Of the four values that a password leaves, one is enough to tell that it is another.
_VERIFIERS = (
    "scram_sha_256_server_key",
    "scram_sha_1_stored_key",
    "scram_sha_1_server_key",
    "cram_md5_sealed",
)
_BEFORE = "_moxsite_audit_before"


@dataclass(frozen=True, slots=True)
class _Watched:
    ignored: frozenset[str]
    kind: str
    name: Callable[[Any], str]


_watched: dict[type[models.Model], _Watched] = {}


def watch(
    model: type[models.Model],
    *,
    ignore: Iterable[str] = (),
    kind: str = "",
    name: Callable[[Any], str] = str,
) -> None:
    """Note changes of this model, except those of the fields to ignore, under a kind and a row's name."""
    _watched[model] = _Watched(frozenset(ignore), kind or str(model._meta.verbose_name), name)
    pre_save.connect(_before_save, sender=model, dispatch_uid=f"audit {model._meta.label}")
    post_save.connect(_after_save, sender=model, dispatch_uid=f"audit {model._meta.label}")
    post_delete.connect(_after_delete, sender=model, dispatch_uid=f"audit {model._meta.label}")


def is_watched(model: type[models.Model]) -> bool:
    """Whether changes of its rows are noted."""
    return model in _watched


def watch_configuration() -> None:
    """Watch all configuration rows, and what operations tell. To be called when all models are there."""
    from django.apps import apps

    for model in apps.get_models():
        if issubclass(model, Validated):
            watch(model, ignore=("canonical_localpart", "chain"))
    watch(Login, ignore=("last_login", "scram_sha_256_salt", "scram_sha_1_salt", "scram_iterations"))
    watch(SecondFactor, ignore=("created", "last_step"), kind="two-factor login")
    watch(
        Credential,
        ignore=("created", "last_used", *_VERIFIERS),
        kind="password",
        name=lambda row: f"of {row.login.name} ({row})",
    )
    watch(
        Suppression,
        ignore=("created", "localpart", "domain"),
        name=lambda row: f"of {row.address} for {row.account.name}",
    )
    watch(BackupRecord, ignore=("moment",), kind="backup")
    listen(note)


def note(action: Action, kind: str, name: str, changes: Changes) -> None:
    """Write down one change: of each field what it was and what it is. Secrets are masked by their names."""
    actor = current_actor()
    shown = {
        field: [masked(field, before), masked(field, after)] for field, (before, after) in changes.items()
    }
    AuditEntry.objects.create(
        moment=clock.now(),
        who=actor.who[:128],
        via=actor.via[:200],
        action=action,
        kind=kind,
        name=name[:200],
        changes=json.dumps(shown, ensure_ascii=False),
        generation=read_generation(),
    )


def _before_save(sender: type[models.Model], instance: models.Model, raw: bool, **_: Any) -> None:
    stored = None if instance.pk is None or raw else sender._base_manager.filter(pk=instance.pk).first()
    setattr(instance, _BEFORE, (None, {}) if stored is None else (stored, row_values(stored)))


def _after_save(
    sender: type[models.Model], instance: models.Model, created: bool, raw: bool, **_: Any
) -> None:
    stored, before = instance.__dict__.pop(_BEFORE, (None, {}))
    if raw:
        return
    watched = _watched[sender]
    after = row_values(instance)
    changes = {
        name: (before.get(name), value)
        for name, value in after.items()
        if name not in watched.ignored and before.get(name) != value
    }
    changes.update(_changed_secrets(stored, instance, {*changes, *watched.ignored}))
    if created:
        note(Action.ADDED, watched.kind, watched.name(instance), _without_empty(changes))
    elif changes:
        note(Action.CHANGED, watched.kind, watched.name(instance), changes)


def _after_delete(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    watched = _watched[sender]
    changes = {
        name: (value, None) for name, value in row_values(instance).items() if name not in watched.ignored
    }
    note(Action.REMOVED, watched.kind, watched.name(instance), _without_empty(changes))


def _changed_secrets(
    stored: models.Model | None, row: models.Model, known: set[str]
) -> dict[str, tuple[Any, Any]]:
    """Masked values look alike; that they changed is said all the same."""
    changing = row.changing_secrets() if isinstance(row, Validated) else ()
    changed: dict[str, tuple[Any, Any]] = dict.fromkeys(changing, (None, MASKED))
    if stored is None:
        return changed
    for field in row._meta.concrete_fields:
        if isinstance(field, models.BinaryField) and field.name not in known:
            before, after = getattr(stored, field.name), getattr(row, field.name)
            if bytes(before) != bytes(after):
                changed[field.name] = (before, after)
    return changed


def _without_empty(changes: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    return {
        name: pair for name, pair in changes.items() if any(each not in (None, "", [], {}) for each in pair)
    }
