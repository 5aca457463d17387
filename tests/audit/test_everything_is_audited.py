"""Whatever can be changed is told of in the log. What is new (model, operation, page) must be named here."""

import json
from pathlib import Path
from typing import get_args

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory
from django.urls import URLPattern

from delivery.models import HoldRule, QueuedMessage, QueuedRecipient, QueueEvent, Transport
from delivery.queue.changes import (
    Change,
    DemandTls,
    Drop,
    Hold,
    MoveBy,
    MoveTo,
    Release,
    RetryNow,
    TakeTransport,
)
from delivery.queue.holding_operations import RuleText, add_hold_rule, remove_hold_rule
from delivery.queue.operations import change_queue, give_up_recipients
from mail import clock
from moxsite.acme.trying import try_again_now
from moxsite.audit.watching import is_watched
from moxsite.backup.making import make_backup
from moxsite.models import AcmeName, AuditEntry
from tests.pages.visiting import visit_as
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

TOLD_BY_OPERATIONS: set[type[Model]] = {HoldRule, QueuedMessage, QueuedRecipient}
"""The writer changes them, not `save`."""

CHANGING_PAGES = {"websites", "mail_domain_dkim", "certificates", "configuration_history_version"}
LOOKING_PAGES = {
    "explain", "explain_url", "delivery_transport_test", "websockets", "backends", "dns", "mail_domain_dns",
    "processes", "configuration_history",
}  # fmt: skip
DJANGOS_PAGES = {
    "index", "login", "logout", "password_change", "password_change_done", "autocomplete", "jsi18n",
    "view_on_site", "app_list",
}  # fmt: skip

OPERATIONS: dict[type, Change] = {
    RetryNow: RetryNow(),
    MoveTo: MoveTo(clock.Moment(1_900_000_000_000_000)),
    MoveBy: MoveBy(clock.HOUR),
    Hold: Hold("audit"),
    Release: Release(),
    TakeTransport: TakeTransport("relay"),
    DemandTls: DemandTls("required"),
    Drop: Drop(),
}


def newest() -> AuditEntry:
    entry = AuditEntry.objects.first()
    assert entry is not None
    return entry


def test_every_kind_of_row_that_an_admin_may_change_is_watched(world: World) -> None:
    request = RequestFactory().get("/admin/")
    request.user = world.admin
    for model, page in admin.site._registry.items():
        may_change = any(
            (
                page.has_add_permission(request),
                page.has_change_permission(request),
                page.has_delete_permission(request),
            )
        )
        if may_change and model not in TOLD_BY_OPERATIONS:
            assert is_watched(model), model
        for inline in getattr(page, "inlines", ()):
            assert is_watched(inline.model), inline.model


def test_every_page_of_the_admin_is_known_to_change_something_or_not() -> None:
    own = {
        pattern.name
        for pattern in admin.site.get_urls()
        if isinstance(pattern, URLPattern) and pattern.name is not None
    }
    assert own - DJANGOS_PAGES == CHANGING_PAGES | LOOKING_PAGES


@pytest.mark.parametrize("kind", [*get_args(Change), None])
def test_every_operation_on_the_queue_is_told_of(world: World, kind: type | None) -> None:
    Transport.objects.create(name="relay", kind="submission", settings={"host": "relay.example"})
    rows = queue_letter(world, "a@remote.example", "b@remote.example")
    ids = [row.pk for row in rows]
    if kind is Release:
        change_queue(ids, Hold())
    if kind is None:
        assert give_up_recipients(ids) == 2
    else:
        assert change_queue(ids, OPERATIONS[kind]) == 2
    entry = newest()
    assert (entry.kind, entry.name) == ("queue", "a@remote.example, b@remote.example")
    changes = json.loads(entry.changes)
    assert changes.pop("recipients") == [None, 2]
    ((before, after),) = changes.values()
    assert before != after
    events = QueueEvent.objects.count()
    assert change_queue([], RetryNow()) == 0
    assert (newest().pk, QueueEvent.objects.count()) == (entry.pk, events)


def test_many_recipients_are_told_by_their_number(world: World) -> None:
    rows = queue_letter(world, *(f"{number}@remote.example" for number in range(25)))
    change_queue([row.pk for row in rows], TakeTransport(""))
    assert newest().name.endswith("4@remote.example and 20 more")
    assert json.loads(newest().changes)["recipients"] == [None, 25]


def test_hold_rules_are_told_of_when_they_are_made_and_removed(world: World) -> None:
    queue_letter(world, "a@remote.example")
    rule, _ = add_hold_rule(
        RuleText(account_id=world.alice.pk, recipient_domain="remote.example", reason="audit")
    )
    entry = newest()
    assert (entry.action, entry.kind, entry.name) == ("added", "hold rule", str(rule.id))
    assert json.loads(entry.changes) == {
        "account": [None, "alice"],
        "recipient_domain": [None, "remote.example"],
        "reason": [None, "audit"],
        "recipients": [None, 1],
    }
    assert remove_hold_rule(rule.id, release=True) == 1
    assert (newest().action, json.loads(newest().changes)["reason"]) == ("removed", ["audit", None])


def test_suppressions_are_told_of_whoever_changes_them(world: World) -> None:
    client = visit_as(world.alice.login)
    client.post("/account/suppressed/", {"address": "carol@remote.example", "reason": "moved"})
    entry = newest()
    assert (entry.action, entry.who) == ("added", "alice")
    assert (entry.kind, entry.name) == ("suppression", "of carol@remote.example for alice")
    client.post(f"/account/suppressed/{world.alice.suppressions.get().pk}/remove/")
    assert newest().action == "removed"


def test_app_passwords_are_told_of(world: World) -> None:
    client = visit_as(world.alice.login)
    client.post("/account/app-passwords/", {"label": "phone"})
    assert (newest().action, newest().kind, newest().who) == ("added", "password", "alice")
    credential = world.alice.login.credentials.get(label="phone")
    client.post(f"/account/app-passwords/{credential.pk}/remove/")
    assert (newest().action, newest().kind) == ("removed", "password")


def test_certificates_that_are_to_be_tried_and_backups_are_told_of(world: World, tmp_path: Path) -> None:
    AcmeName.objects.create(name="mail.example.org")
    try_again_now("mail.example.org")
    assert (newest().kind, newest().name) == ("certificate", "mail.example.org")
    make_backup(tmp_path / "backup")
    assert (newest().kind, newest().action) == ("backup", "added")


def test_the_name_of_a_login_follows_its_account_and_that_is_told(world: World) -> None:
    world.alice.name = "alicia"
    world.alice.save()
    entry = AuditEntry.objects.filter(kind="login").first()
    assert entry is not None
    assert json.loads(entry.changes) == {"name": ["alice", "alicia"]}
