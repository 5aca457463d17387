"""Changes of routes and transports are shown with their effects on queued mail before they are saved."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from delivery.models import QueuedRecipient, Route, Transport
from mail.models import Domain
from tests.admin.filling_in import fill_in
from tests.pages.visiting import send, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

ROUTES, TRANSPORTS = "/admin/delivery/route/", "/admin/delivery/transport/"
TITLE = "This changes the way of mail that waits"


@pytest.fixture
def client(world: World) -> Client:
    return visit_as(world.admin)


@pytest.fixture
def relay(world: World) -> Transport:
    relay = Transport(name="relay", kind="submission", settings={"host": "relay.example", "username": "me"})
    relay.set_password("s3cret word")
    relay.save()
    return relay


def text_of(response: Any) -> str:
    return response.content.decode() if response.status_code == 200 else ""


def agree(client: Client, response: Any) -> Any:
    """Press the button on the page with the effects."""
    text = text_of(response)
    form = text[text.index('<form method="post" action="') :]
    action = unescape(re.findall(r'action="([^"]*)"', form)[0])
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(unescape(name), []).append(unescape(value))
    return client.post(action, values)


def test_a_new_route_shows_what_it_changes_and_saves_on_agreement(
    world: World, client: Client, relay: Transport
) -> None:
    send(world, world.alice, "a@x.example", "b@x.example", "c@y.example")
    response = fill_in(client, f"{ROUTES}add/", to_domains="x.example", transport=str(relay.pk))
    text = text_of(response)
    assert TITLE in text
    assert '<td class="number">2</td><td>direct</td><td>relay (submission)</td>' in text
    assert "a@x.example" in text
    assert "c@y.example" not in text
    assert not Route.objects.exists()
    assert agree(client, response).status_code == 302
    assert Route.objects.get().to_domains == ["x.example"]


def test_without_effects_nothing_is_asked(world: World, client: Client, relay: Transport) -> None:
    send(world, world.alice, "a@x.example")
    response = fill_in(client, f"{ROUTES}add/", to_domains="z.example", transport=str(relay.pk))
    assert response.status_code == 302
    assert Route.objects.exists()


def test_held_mail_and_the_routes_of_accounts_and_domains_count_too(
    world: World, client: Client, relay: Transport
) -> None:
    send(world, world.alice, "a@x.example")
    QueuedRecipient.objects.update(held=True)
    typed = {"routes-TOTAL_FORMS": "1", "routes-0-minimum_attempts": "0", "routes-0-transport": str(relay.pk)}
    for url in (
        f"/admin/mail/domain/{world.example_org.pk}/change/",
        f"/admin/mail/account/{world.alice.pk}/change/",
    ):
        response = fill_in(client, url, **typed)
        assert "relay (submission)" in text_of(response)
        assert not Route.objects.exists()
    assert agree(client, response).status_code == 302
    assert world.alice.routes.count() == 1


def test_a_transport_that_begins_to_fail_is_shown_and_its_password_is_not(
    world: World, client: Client, relay: Transport
) -> None:
    Route.objects.create(transport=relay)
    send(world, world.alice, "a@x.example")
    url = f"{TRANSPORTS}{relay.pk}/change/"
    response = fill_in(client, f"{url}?kind=submissions", password="an0ther word")
    text = text_of(response)
    assert "<td>relay (submission)</td><td>relay (submissions)</td>" in text
    assert "an0ther" not in text
    assert agree(client, response).status_code == 302
    relay = Transport.objects.get()
    assert (relay.kind, relay.password) == ("submissions", "an0ther word")
    response = fill_in(client, f"{url}?kind=fail", smtp_code="550")
    assert '<td>relay (fail) <span class="chip red">fails</span></td>' in text_of(response)
    assert Transport.objects.get().kind == "submissions"


def test_deleting_and_moving_show_their_effects(world: World, client: Client, relay: Transport) -> None:
    other = Transport.objects.create(name="refuse", kind="fail")
    first = Route.objects.create(transport=relay, position=1)
    second = Route.objects.create(transport=other, position=2)
    send(world, world.alice, "a@x.example")
    for url, fields in (
        (f"{ROUTES}{second.pk}/move/up/", {}),
        (f"{ROUTES}{first.pk}/delete/", {"post": "yes"}),
        (ROUTES, {"action": "delete_selected", "_selected_action": str(first.pk), "post": "yes"}),
    ):
        response = client.post(url, fields)
        assert '<td>refuse (fail) <span class="chip red">fails</span></td>' in text_of(response), url
        assert list(Route.objects.order_by("position")) == [first, second]
    assert "Successfully deleted" not in text_of(client.get(ROUTES))
    assert agree(client, response).status_code == 302
    assert list(Route.objects.all()) == [second]


def test_a_transport_that_was_demanded_for_a_recipient_is_not_deleted_unseen(
    world: World, client: Client, relay: Transport
) -> None:
    send(world, world.alice, "a@x.example")
    QueuedRecipient.objects.update(transport="relay")
    chosen = {"action": "delete_selected", "_selected_action": str(relay.pk), "post": "yes"}
    assert "fails</span>" in text_of(client.post(TRANSPORTS, chosen))
    assert Transport.objects.exists()


def test_other_effects_than_those_agreed_to_are_shown_again(
    world: World, client: Client, relay: Transport
) -> None:
    send(world, world.alice, "a@x.example")
    response = fill_in(client, f"{ROUTES}add/", transport=str(relay.pk))
    send(world, world.alice, "b@x.example")
    Transport.objects.update(kind="smtp")
    again = agree(client, response)
    assert "relay (smtp)" in text_of(again)
    assert not Route.objects.exists()
    assert agree(client, again).status_code == 302
    assert Route.objects.exists()


def test_a_disabled_sender_domain_shows_that_its_mail_waits(world: World, client: Client) -> None:
    send(world, world.alice, "a@x.example")
    url = f"/admin/mail/domain/{world.example_org.pk}/change/"
    response = fill_in(client, url, disabled="on")
    assert "fails</span>" in text_of(response)
    assert "sender domain disabled" in text_of(response)
    assert not Domain.objects.get().disabled
