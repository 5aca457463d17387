import pytest

from delivery.models import HoldRule, QueuedRecipient
from tests.pages.visiting import page, visit_as
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

RULES = "/admin/delivery/holdrule/"


def test_a_rule_is_made_shown_and_removed_with_or_without_release(world: World) -> None:
    (row,) = queue_letter(world, "a@münchen.example")
    client = visit_as(world.admin)
    typed = {"account": "Alice", "recipient_domain": "MÜNCHEN.example", "reason": "audit"}
    text = client.post(f"{RULES}add/", typed, follow=True).content.decode()
    assert "1 recipient of the queue matched" in text
    assert "mail of account alice to xn--mnchen-3ya.example" in page(client, RULES)
    row.refresh_from_db()
    assert row.held
    rule = HoldRule.objects.get()
    assert (rule.created_by, rule.reason) == ("admin", "audit")
    url = f"{RULES}{rule.pk}/delete/"
    assert "Release it too" in page(client, url)
    client.post(url, {"release": "on"})
    assert not QueuedRecipient.objects.get().held
    client.post(f"{RULES}add/", {"everything": "on"})
    client.post(f"{RULES}{HoldRule.objects.get().pk}/delete/", {})
    assert QueuedRecipient.objects.get().held


def test_a_rule_that_can_not_be_meant_is_refused(world: World) -> None:
    client = visit_as(world.admin)
    for typed, word in (
        ({}, "This would hold all mail"),
        ({"account": "nobody"}, "There is nothing with this name"),
        ({"sender_domain": "not a domain"}, "“not a domain”"),
        ({"recipient_domain": "x.example", "until": "whenever"}, "says no time"),
    ):
        response = client.post(f"{RULES}add/", typed)
        assert response.status_code == 422
        assert word in response.content.decode()
    assert not HoldRule.objects.exists()
