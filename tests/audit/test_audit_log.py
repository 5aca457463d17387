import json
from pathlib import Path

import pytest
from django.core.management import call_command

from delivery.models import Route, Transport
from mail.identity.passwords import set_main_password
from moxsite.audit.actor import Actor, enter, leave
from moxsite.audit.pruning import prune_audit_log
from moxsite.audit.values import masked
from moxsite.models import AuditEntry
from tests.admin.filling_in import fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World

LOG = "/admin/moxsite/auditentry/"


def newest() -> AuditEntry:
    entry = AuditEntry.objects.first()
    assert entry is not None
    return entry


def test_a_change_in_the_admin_tells_who_what_before_and_after(world: World) -> None:
    client = visit_as(world.admin)
    url = f"/admin/mail/account/{world.alice.pk}/change/"
    assert fill_in(client, url, full_name="Alice Liddell").status_code == 302
    entry = newest()
    assert (entry.who, entry.via) == ("admin", f"{url} from 127.0.0.1")
    assert (entry.action, entry.kind, entry.name) == ("changed", "account", "alice")
    assert json.loads(entry.changes) == {"full_name": ["Alice", "Alice Liddell"]}
    text = page(client, f"{LOG}?q=liddell")
    assert "Alice → Alice Liddell" in text
    assert "Alice Liddell" not in page(client, f"{LOG}?q=nobody-like-this")


@pytest.mark.only_database("sqlite")
def test_saving_without_a_change_is_none(world: World) -> None:
    world.alice.save()
    count = AuditEntry.objects.count()
    world.alice.save()
    visit_as(world.alice.login)
    assert AuditEntry.objects.count() == count


def test_a_file_that_is_applied_is_told_by_what_it_changes(world: World, tmp_path: Path) -> None:
    file = tmp_path / "mox.toml"
    file.write_text('[transports.out]\nkind = "smtp"\nhost = "relay.example"\n[domains."x.example"]\n')
    token = enter(Actor("root (system user)", "manage.py config apply"))
    try:
        call_command("config", "apply", str(file), "--yes")
    finally:
        leave(token)
    found = {(entry.action, entry.kind, entry.name, entry.who) for entry in AuditEntry.objects.all()}
    assert ("added", "domain", "x.example", "root (system user)") in found
    assert ("added", "transport", "out", "root (system user)") in found
    assert newest().via == "manage.py config apply"


def test_passwords_and_keys_are_told_of_and_never_shown(world: World) -> None:
    transport = Transport(name="relay", kind="smtp", settings={"hosts": ["relay.example"], "username": "me"})
    transport.set_password("very secret words")
    transport.save()
    assert json.loads(newest().changes)["password"] == [None, "•••"]
    transport.set_password("other secret words")
    transport.save()
    assert json.loads(newest().changes) == {"password": [None, "•••"]}
    set_main_password(world.alice.login, "another very secret one")
    entry = newest()
    assert (entry.kind, entry.name) == ("password", "of alice (main password)")
    assert json.loads(entry.changes) == {"scram_sha_256_stored_key": ["•••", "•••"]}
    for entry in AuditEntry.objects.all():
        assert "secret" not in entry.changes


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("password", "x", "•••"),
        ("password", "", None),
        ("settings", {"username": "me", "password": "x", "hosts": ["a"]}, None),
        ("url", "http://me:pw@backend/x", "http://•••@backend/x"),
        ("payload", b"\x00", "•••"),
        ("position", 3, 3),
        ("reason", "y" * 2000, "y" * 1000 + "…"),
    ],
)
def test_what_is_masked(name: str, value: object, shown: object) -> None:
    if isinstance(value, dict):
        shown = {"username": "me", "password": "•••", "hosts": ["a"]}
    assert masked(name, value) == shown


def test_a_removal_keeps_what_there_was_with_all_that_went_along(world: World) -> None:
    Transport.objects.create(name="relay", kind="fail", settings={"smtp_code": 550})
    assert world.alice
    client = visit_as(world.admin)
    response = client.post(f"/admin/mail/account/{world.alice.pk}/delete/", {"post": "yes"})
    assert response.status_code == 302
    removed = {entry.kind: entry for entry in AuditEntry.objects.filter(action="removed")}
    assert json.loads(removed["destination"].changes)["localpart"] == ["alice", None]
    assert json.loads(removed["account"].changes)["full_name"] == ["Alice", None]
    assert {entry.who for entry in removed.values()} == {"admin"}


@pytest.mark.only_database("sqlite")
def test_the_order_of_routes_is_told_too(world: World) -> None:
    transport = Transport.objects.create(name="refuse", kind="fail")
    routes = [Route.objects.create(transport=transport, position=place) for place in (1, 2)]
    client = visit_as(world.admin)
    client.post(f"/admin/delivery/route/{routes[1].pk}/move/up/")
    found = AuditEntry.objects.filter(kind="route", action="changed")
    assert [json.loads(entry.changes) for entry in found] == [{"position": [1, 2]}, {"position": [2, 1]}]


@pytest.mark.only_database("sqlite")
def test_old_entries_go(world: World) -> None:
    assert world.alice
    assert AuditEntry.objects.exists()
    world.clock.advance(4 * 365 * world.clock.DAY)
    assert world.bob
    prune_audit_log()
    assert set(AuditEntry.objects.values_list("name", flat=True)) & {"bob"}
    assert "alice" not in set(AuditEntry.objects.values_list("name", flat=True))


@pytest.mark.only_database("sqlite")
def test_nobody_writes_in_the_log_and_others_do_not_see_it(world: World) -> None:
    assert world.alice
    client = visit_as(world.admin)
    assert client.get(f"{LOG}add/").status_code == 403
    entry = newest()
    assert client.post(f"{LOG}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert visit_as(world.alice.login).get(LOG, follow=True).status_code == 403
