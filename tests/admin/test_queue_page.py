import pytest

from delivery.models import Attempt, QueuedRecipient
from tests.pages.visiting import page, send, tried, visit_as
from tests.world.world import World

QUEUE = "/admin/delivery/queuedrecipient/"


@pytest.fixture
def rows(world: World) -> dict[str, QueuedRecipient]:
    send(world, world.alice, "waiting@x.example", "done@x.example", "failed@y.example", "held@y.example")
    send(world, world.bob, "other@z.example")
    found = {row.localpart: row for row in QueuedRecipient.objects.all()}
    tried(found["done"], Attempt.Outcome.DELIVERED, "250 2.0.0 ok")
    tried(found["failed"], Attempt.Outcome.PERMANENT, "550 5.1.1 no such user")
    QueuedRecipient.objects.filter(pk=found["held"].pk).update(held=True)
    return found


QUERIES: list[tuple[str, set[str]]] = [
    ("", {"waiting", "done", "failed", "held", "other"}),
    ("?state=waiting", {"waiting", "other"}),
    ("?state=held", {"held"}),
    ("?state=failed", {"failed"}),
    ("?state=late", set()),
    ("?domain=X.EXAMPLE", {"waiting", "done"}),
    ("?domain=not a domain", set()),
    ("?account=bob", {"other"}),
    ("?account=alice&state=delivered", {"done"}),
    ("?q=held@y.example", {"held"}),
    ("?q=bob@example.org", {"other"}),
    ("?q=z.example", {"other"}),
    ("?q=nothing", set()),
]


def test_the_list_is_searched_and_filtered(world: World, rows: dict[str, QueuedRecipient]) -> None:
    client = visit_as(world.admin)
    for query, expected in QUERIES:
        table = page(client, QUEUE + query).partition('id="result_list"')[2].partition("</table>")[0]
        assert {name for name in rows if f"{name}@" in table} == expected, query


def test_retry_now_makes_waiting_recipients_due(world: World, rows: dict[str, QueuedRecipient]) -> None:
    chosen = [str(rows[name].pk) for name in ("waiting", "done")]
    response = visit_as(world.admin).post(
        QUEUE, {"action": "retry_now", "_selected_action": chosen}, follow=True
    )
    text = response.content.decode()
    assert "1 recipient will be tried again now." in text
    assert "Nothing was done for 1 recipient" in text
    due = QueuedRecipient.objects.get(pk=rows["waiting"].pk).due
    assert due is not None
    assert due < rows["waiting"].due
    assert QueuedRecipient.objects.get(pk=rows["done"].pk).due is None


def test_a_recipient_is_read_only_and_shows_its_attempts(
    world: World, rows: dict[str, QueuedRecipient]
) -> None:
    client = visit_as(world.admin)
    url = f"{QUEUE}{rows['failed'].pk}/change/"
    text = page(client, url)
    assert "550 5.1.1 no such user" in text
    assert "Given up after 1 attempt" in text
    assert client.post(url, {"state": "waiting"}).status_code == 403
    assert client.post(f"{QUEUE}{rows['failed'].pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{QUEUE}add/").status_code == 403
