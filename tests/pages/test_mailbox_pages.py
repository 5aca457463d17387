import pytest
from django.test import Client

from importer.models import Import, State, Target
from mail.models import Mailbox
from tests.pages.visiting import page, visit_as
from tests.world.mailboxes import fill, named, subjects_in
from tests.world.world import World


@pytest.fixture
def client(world: World) -> Client:
    return visit_as(world.alice.login)


def test_a_mailbox_is_made_renamed_and_deleted(world: World, client: Client) -> None:
    made = {"name": "Projects/2026", "special_use": "", "subscribed": "on"}
    assert client.post("/mail/mailboxes/", made).status_code == 302
    assert "There is a mailbox Projects/2026 now." in page(client, "/mail/mailboxes/")
    own = f"/mail/mailboxes/{named(world.alice, 'Projects/2026').pk}/"
    client.post(own, {"name": "Work", "special_use": "archive"})
    work = named(world.alice, "Work")
    assert (work.special_use, work.subscribed) == ("archive", False)
    assert "not subscribed" in page(client, "/mail/mailboxes/")
    fill(world, world.alice, "one", "two", mailbox="Work")
    assert "2 messages" in page(client, f"{own}delete/")
    response = client.post(f"{own}delete/", follow=True)
    assert "Work was deleted. 2 messages moved to Trash." in response.content.decode()
    assert subjects_in(world, world.alice, "Trash") == ["one", "two"]
    assert not Mailbox.objects.filter(account=world.alice, name="Work").exists()


def test_what_can_not_be_is_said_beside_the_field(world: World, client: Client) -> None:
    for name, said in (("Inbox", "There is a mailbox Inbox already."), ("a//b", "can&#x27;t be empty")):
        response = client.post("/mail/mailboxes/", {"name": name, "special_use": ""})
        assert response.status_code == 422
        assert said in response.content.decode()
    sent = named(world.alice, "Sent").pk
    response = client.post(f"/mail/mailboxes/{sent}/", {"name": "Drafts", "special_use": "sent"})
    assert response.status_code == 422
    assert "There is a mailbox Drafts already." in response.content.decode()
    assert client.post("/mail/mailboxes/", {"name": "x", "special_use": "inbox"}).status_code == 422


def test_the_inbox_keeps_its_name(world: World, client: Client) -> None:
    inbox = named(world.alice, "Inbox").pk
    assert 'name="name"' not in page(client, f"/mail/mailboxes/{inbox}/")
    client.post(f"/mail/mailboxes/{inbox}/", {"name": "Post"})
    assert not named(world.alice, "Inbox").subscribed
    response = client.post(f"/mail/mailboxes/{inbox}/delete/", follow=True)
    assert "The Inbox can&#x27;t be deleted." in response.content.decode()


def test_mailboxes_of_others_are_not_there(world: World, client: Client) -> None:
    his = named(world.bob, "Archive").pk
    for path in (f"/mail/mailboxes/{his}/", f"/mail/mailboxes/{his}/delete/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"name": "mine"}).status_code == 404


def test_how_much_mail_is_kept_stands_beside_the_list(world: World, client: Client) -> None:
    world.alice.quota_mb = 5
    world.alice.save()
    fill(world, world.alice, "one")
    assert "of 5 MB used" in page(client, "/")


def test_a_mailbox_that_was_brought_in_can_be_deleted(world: World, client: Client) -> None:
    fill(world, world.alice, "one", mailbox="Brought")
    brought = named(world.alice, "Brought")
    row = Import.objects.create(
        token="x", account=world.alice, state=State.DONE, name="a.zip", path="", size=1, created=0, touched=0
    )
    Target.objects.create(owner=row, name="Brought", mailbox=brought, messages=1, first_uid=1, last_uid=1)
    client.post(f"/mail/mailboxes/{brought.pk}/delete/")
    assert not Mailbox.objects.filter(pk=brought.pk).exists()
    assert Import.objects.count() == 1
