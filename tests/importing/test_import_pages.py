import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from importer.models import Import, State
from importer.uploads import SLICE
from mail.models import Content, Mailbox
from moxsite.models import AuditEntry
from tests.importing.mailfiles import everything, kinds, letter, mbox, run, uploaded
from tests.pages.visiting import page, visit_as
from tests.world.world import World

JSON = {"Accept": "application/json"}


def begin(client: Client, name: str, data: bytes, **more: str) -> dict[str, Any]:
    answer = client.post("/import/", {"name": name, "size": str(len(data)), **more}, headers=JSON)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def send(client: Client, token: str, offset: int, data: bytes) -> Any:
    address = f"/import/{token}/upload/?offset={offset}"
    return client.post(address, data, content_type="application/octet-stream", headers=JSON)


def test_a_script_posts_a_file_and_it_is_brought_in(world: World) -> None:
    client = visit_as(world.alice.login)
    file = BytesIO(mbox(range(5)))
    file.name = "Travel.mbox"
    answer = client.post("/import/", {"file": file})
    token = answer.json()["token"]
    row = run(world, Import.objects.get(token=token))
    assert row.state == State.DONE
    assert len(world.messages(world.alice, "Travel")) == 5
    assert "Take back 5 messages" in page(client, f"/import/{token}/")
    assert "Travel.mbox" in page(client, "/import/")


def test_a_form_leads_by_the_preview_to_the_mailboxes_that_were_chosen(world: World) -> None:
    client = visit_as(world.alice.login)
    file = BytesIO(mbox(range(5)))
    file.name = "Sent.mbox"
    html = {"Accept": "text/html"}
    answer = client.post("/import/", {"file": file, "preview": "1"}, headers=html)
    assert answer.status_code == 302
    address = answer["Location"]
    row = run(world, Import.objects.get())
    assert row.state == State.READY
    assert everything(world.alice) == []
    shown = page(client, address)
    assert "5 messages" in shown
    assert 'value="Sent"' in shown
    answer = client.post(f"{address}start/", {"mailbox-0": "Old/Sent", "duplicates": "keep"}, headers=html)
    assert answer.status_code == 302
    assert "Bringing in the mail" in page(client, address)
    assert run(world, row).state == State.DONE
    assert len(world.messages(world.alice, "Old/Sent")) == 5


def test_slices_go_on_where_they_stopped(world: World) -> None:
    client = visit_as(world.alice.login)
    data = mbox(range(30))
    token = begin(client, "x.mbox", data, preview="1")["token"]
    assert send(client, token, 0, data[:1000]).json() == {"received": 1000}
    again = begin(client, "x.mbox", data, preview="1")
    assert (again["token"], again["received"]) == (token, 1000)
    wrong = send(client, token, 500, data[500:])
    assert (wrong.status_code, wrong.json()["received"]) == (409, 1000)
    assert client.get(f"/import/{token}/upload/").json()["received"] == 1000
    assert "Choose the same file again" in page(client, f"/import/{token}/")
    assert send(client, token, 1000, data[1000:]).status_code == 200
    row = Import.objects.get(token=token)
    assert row.state == State.SCANNING
    assert Path(row.path).read_bytes() == data
    assert send(client, token, len(data), b"x").status_code == 400


def test_a_form_does_not_write_into_the_upload_of_another_file_of_its_name_and_size(world: World) -> None:
    client = visit_as(world.alice.login)
    data = mbox(range(5))
    token = begin(client, "Travel.mbox", data)["token"]
    send(client, token, 0, data[:100])
    file = BytesIO(data)
    file.name = "Travel.mbox"
    answer = client.post("/import/", {"file": file}, headers=JSON).json()
    assert answer["received"] == len(data)
    assert answer["token"] != token
    assert send(client, token, 100, data[100:]).json()["received"] == len(data)


def test_more_than_was_announced_is_refused(world: World) -> None:
    client = visit_as(world.alice.login)
    token = begin(client, "x.mbox", b"12345")["token"]
    assert send(client, token, 0, b"123456").status_code == 400
    assert send(client, token, 0, b"x" * (2 * SLICE + 1)).status_code == 413
    assert send(client, token, -1, b"12345").status_code == 400


@pytest.mark.parametrize("fields", [{}, {"name": "x", "size": "0"}, {"name": "x", "size": "-5"},
                                    {"name": "x", "size": "9" * 14}, {"size": "5"},
                                    {"name": "x", "size": "5", "duplicates": "perhaps"}])  # fmt: skip
def test_what_can_not_be_begun_is_refused_with_a_sentence(world: World, fields: dict[str, str]) -> None:
    answer = visit_as(world.alice.login).post("/import/", fields, headers=JSON)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert not Import.objects.exists()


def test_a_full_account_brings_nothing_in(world: World) -> None:
    world.alice.quota_mb = 1
    world.alice.save()
    world.alice.counters.bytes = 1_000_000
    world.alice.counters.save()
    answer = visit_as(world.alice.login).post("/import/", {"name": "x", "size": "5"}, headers=JSON)
    assert "1 MB" in answer.json()["error"]
    world.alice.counters.bytes = 0
    world.alice.counters.save()


def test_an_import_is_there_for_its_own_account_alone(world: World) -> None:
    row = uploaded(world.alice, "x.mbox", mbox([1]), preview=True)
    bob = visit_as(world.bob.login)
    for name in ("", "upload/"):
        assert bob.get(f"/import/{row.token}/{name}").status_code == 404
    for name in ("start/", "abort", "undo/", "upload/?offset=0"):
        assert bob.post(f"/import/{row.token}/{name}").status_code == 404
    assert "x.mbox" not in page(bob, "/import/")
    assert Client().get(f"/import/{row.token}/").status_code == 302
    row.refresh_from_db()
    assert row.state == State.SCANNING


@pytest.mark.parametrize("moment", ["uploading", "scanning", "ready", "running"])
def test_an_abort_leaves_nothing_whenever_it_comes(world: World, moment: str) -> None:
    client = visit_as(world.alice.login)
    data = mbox(range(5))
    row = Import.objects.get(token=begin(client, "x.mbox", data, preview="1")["token"])
    if moment != "uploading":
        send(client, row.token, 0, data)
    if moment in ("ready", "running"):
        run(world, row)
    if moment == "running":
        client.post(f"/import/{row.token}/start/", headers=JSON)
    row.refresh_from_db()
    assert row.state == moment
    assert client.post(f"/import/{row.token}/abort", headers=JSON).json()["state"] == "aborted"
    again = client.post(f"/import/{row.token}/abort", headers=JSON)
    assert again.status_code == 409
    assert kinds(row)[-1] == "aborted"
    assert kinds(row).count("aborted") == 1
    assert not Content.objects.exists()
    assert not Mailbox.objects.filter(account=None).exists()
    assert "Nothing was brought in" in page(client, f"/import/{row.token}/")


def test_a_name_that_no_mailbox_can_have_is_refused_and_nothing_starts(world: World) -> None:
    client = visit_as(world.alice.login)
    row = run(world, uploaded(world.alice, "x.mbox", mbox([1]), preview=True))
    for name in ("a//b", "../x", "x" * 201, "a\x07b"):
        answer = client.post(f"/import/{row.token}/start/", {"mailbox-0": name}, headers=JSON)
        assert answer.status_code == 400, name
    assert client.post(f"/import/{row.token}/start/", {"mailbox-0": ""}, headers=JSON).status_code == 400
    row.refresh_from_db()
    assert row.state == State.READY


def test_names_from_archives_are_text_on_every_page(world: World) -> None:
    evil = "<script>alert(1)</script>.mbox"
    client = visit_as(world.alice.login)
    row = run(world, uploaded(world.alice, evil, b"no mail at all, " * 50, preview=True))
    for address in ("/import/", f"/import/{row.token}/"):
        assert "<script>alert" not in page(client, address)


def test_an_import_is_undone_from_its_page(world: World) -> None:
    client = visit_as(world.alice.login)
    row = run(world, uploaded(world.alice, "x.mbox", mbox(range(3)), mapping={"*": "New"}))
    answer = client.post(f"/import/{row.token}/undo/", headers={"Accept": "text/html"}, follow=True)
    assert "3 messages taken back." in answer.content.decode()
    assert everything(world.alice) == []
    told = AuditEntry.objects.filter(kind="import").get()
    assert (told.who, told.name, json.loads(told.changes)) == (
        "alice",
        "of alice: x.mbox",
        {"messages": [3, 0]},
    )
    assert client.post(f"/import/{row.token}/undo/", headers=JSON).status_code == 409


def test_the_preview_counts_what_is_there_already(world: World) -> None:
    run(world, uploaded(world.alice, "a.mbox", mbox(range(4)), mapping={"*": "Travel"}))
    row = run(world, uploaded(world.alice, "Travel.mbox", mbox(range(2, 8)), preview=True))
    assert row.preview is not None
    assert (row.preview["messages"], row.preview["doubles"]) == (6, 2)
    assert json.dumps(row.preview)
    assert letter(1)
