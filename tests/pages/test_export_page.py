import io
import tarfile
import zipfile
from collections.abc import Iterable

import pytest
from django.test import Client

from tests.pages.visiting import page, visit_as
from tests.world.mailboxes import fill, named
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def client(world: World) -> Client:
    fill(world, world.alice, "one", "two")
    fill(world, world.alice, "three", mailbox="Archive")
    fill(world, world.bob, "his")
    return visit_as(world.alice.login)


def download(client: Client, **sent: object) -> bytes:
    given = {"what": "all", "format": "mbox", "archive": "zip", **sent}
    response = client.post("/export/download/", given)
    assert response.status_code == 200
    assert "attachment; filename=" in response.headers["Content-Disposition"]
    pieces: Iterable[bytes] = response.streaming_content  # type: ignore[attr-defined]
    return b"".join(pieces)


def test_the_whole_account_is_downloaded(client: Client) -> None:
    assert "There are 3 messages" in page(client, "/export/")
    with zipfile.ZipFile(io.BytesIO(download(client))) as archive:
        assert "Archive.mbox" in archive.namelist()
        assert archive.read("Inbox.mbox").count(b"\nSubject: ") == 2


def test_some_mailboxes_are_downloaded(world: World, client: Client) -> None:
    boxes = [named(world.alice, "Archive").pk, named(world.bob, "Inbox").pk]
    data = download(client, what="mailboxes", box=boxes, archive="tgz", format="maildir")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
    assert all(name.startswith(".Archive/") for name in names)
    assert sum("/cur/" in name for name in names) == 1


def test_picked_messages_are_downloaded(world: World, client: Client) -> None:
    inbox = named(world.alice, "Inbox").pk
    response = client.post("/export/", {"message": [f"{inbox}.2"]})
    assert "1 message that you picked" in response.content.decode()
    data = download(client, what="picked", message=[f"{inbox}.2", f"{named(world.bob, 'Inbox').pk}.1"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["Inbox.mbox"]
        assert b"Subject: two" in archive.read("Inbox.mbox")


def test_nothing_chosen_and_nonsense_are_answered_with_what_to_do(client: Client) -> None:
    for sent, said in (
        ({"what": "mailboxes"}, "Nothing was chosen"),
        ({"what": "odd"}, "Nothing was chosen"),
        ({"format": "pst"}, "Choose a format"),
        ({"archive": "rar"}, "Choose a format"),
    ):
        given = {"what": "all", "format": "mbox", "archive": "zip", **sent}
        assert said in client.post("/export/download/", given, follow=True).content.decode()
    assert "No message was picked" in client.post("/export/", {}, follow=True).content.decode()
