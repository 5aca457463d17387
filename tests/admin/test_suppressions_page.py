import pytest

from delivery.models import Suppression
from delivery.queue.suppression_lists import add_suppression
from tests.admin.filling_in import errors_of, fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

LIST = "/admin/delivery/suppression/"


def test_an_admin_adds_and_removes_entries_of_any_account(world: World) -> None:
    client = visit_as(world.admin)
    assert world.alice
    added = {"account": "alice", "address": "C.arol+x@remote.example", "reason": "asked for it"}
    assert fill_in(client, f"{LIST}add/", **added).status_code == 302
    entry = Suppression.objects.get()
    assert (entry.localpart, entry.address, entry.automatic) == ("carol", "C.arol+x@remote.example", False)
    again = fill_in(client, f"{LIST}add/", account="alice", address="carol@remote.example")
    assert any("already" in error for error in errors_of(again))
    assert "asked for it" in page(client, LIST)
    client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"})
    assert not Suppression.objects.exists()


def test_the_owner_keeps_his_own_list_and_sees_no_other(world: World) -> None:
    client = visit_as(world.alice.login)
    foreign = add_suppression(world.bob, "dora@remote.example", "bob's secret")
    text = page(client, "/account/suppressed/")
    assert "No address is suppressed" in text
    client.post("/account/suppressed/", {"address": "carol@remote.example", "reason": "quarrel"})
    own = Suppression.objects.get(account=world.alice)
    assert "quarrel" in page(client, "/account/suppressed/")
    assert "Suppressed addresses" in page(client, "/account/")
    wrong = client.post("/account/suppressed/", {"address": "Carol@remote.example"})
    assert (wrong.status_code, "already" in wrong.content.decode()) == (422, True)
    assert client.post(f"/account/suppressed/{foreign.pk}/remove/").status_code == 404
    client.post(f"/account/suppressed/{own.pk}/remove/")
    assert list(Suppression.objects.all()) == [foreign]
