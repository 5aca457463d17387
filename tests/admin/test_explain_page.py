import pytest

from delivery.models import QueuedRecipient, Route, Transport
from tests.pages.visiting import page, send, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

EXPLAIN = "/admin/explain/"


@pytest.fixture
def refuse(world: World) -> Transport:
    """All mail of alice to other.example is refused, other mail from the third attempt on."""
    refuse = Transport.objects.create(name="refuse", kind="fail", settings={"smtp_code": 450})
    Route.objects.create(account=world.alice, transport=refuse, to_domains=["other.example"])
    Route.objects.create(transport=refuse, minimum_attempts=2)
    return refuse


def test_every_rule_is_shown_true_or_false_and_the_one_that_decides(world: World, refuse: Transport) -> None:
    client = visit_as(world.admin)
    assert "Explain" in page(client, "/admin/")
    query = "?sender=alice@example.org&recipient=dave@other.example&account=alice&attempt=1"
    text = page(client, EXPLAIN + query)
    assert "account rule 1 &quot;to other.example&quot;" in text
    assert text.count('<span class="chip green">decides</span>') == 1
    assert '<span class="chip grey">not asked</span>' in text
    assert '<span class="chip red">false</span> 2 or more <span class="soft small nowrap">is 0</span>' in text
    assert text.count("<tr><td data-label") == 8


def test_mail_for_addresses_of_this_server_is_said_to_take_no_transport(world: World) -> None:
    assert world.example_org
    text = page(visit_as(world.admin), f"{EXPLAIN}?recipient=bob@example.org")
    assert "But example.org is a domain of this server" in text


def test_what_was_typed_wrongly_is_told_beside_its_field(world: World) -> None:
    text = page(visit_as(world.admin), f"{EXPLAIN}?sender=alice&recipient=dave@other.example&attempt=1")
    assert 'id="id_sender_error">This is no address' in text
    text = page(visit_as(world.admin), f"{EXPLAIN}?recipient=dave@other.example&attempt=x&account=nobody")
    assert "Attempts are counted from 1" in text


def test_a_recipient_of_the_queue_is_explained_as_it_stands(world: World, refuse: Transport) -> None:
    row = send(world, world.alice, "bob@example.net").recipients.get()
    QueuedRecipient.objects.filter(pk=row.pk).update(attempts=2, transport="refuse")
    text = page(visit_as(world.admin), f"{EXPLAIN}?queued={row.pk}")
    assert "No rule is asked: set by the administrator." in text
    assert 'value="bob@example.net"' in text
    assert "As the queue has it." in text
    client = visit_as(world.admin)
    assert client.get(f"{EXPLAIN}?queued={row.pk}1").status_code == 404


def test_only_admins_ask(world: World) -> None:
    assert visit_as(world.alice.login).get(EXPLAIN).status_code == 302
