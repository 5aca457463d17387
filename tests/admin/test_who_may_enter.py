import pytest
from django.contrib import admin
from django.test import Client

from delivery.models import HoldRule, QueuedMessage, QueuedRecipient, Route, Suppression, Transport
from delivery.queue.suppression_lists import add_suppression
from mail.guard.attempts import Attempt
from mail.guard.guard import guard
from mail.models import Account, Alias, Domain, Login, LoginAttempt, LogLevel
from moxsite.admin.cards import all_cards
from moxsite.admin.cards.version import version_card
from moxsite.admin.site import MoxsiteAdminSite
from moxsite.models import AuditEntry
from tests.pages.visiting import page, send, visit_as
from tests.world.world import World

READ_ONLY = (QueuedRecipient, QueuedMessage, LoginAttempt, AuditEntry)
MODELS = (
    *READ_ONLY, Domain, Account, Alias, Login, Transport, Route, HoldRule, Suppression, LogLevel,
)  # fmt: skip


def test_the_site_has_exactly_our_pages() -> None:
    assert isinstance(admin.site._wrapped, MoxsiteAdminSite)  # type: ignore[attr-defined]
    assert set(admin.site._registry) == set(MODELS)


def test_without_a_login_one_is_led_to_the_login_page(world: World) -> None:
    response = Client().get("/admin/mail/domain/", follow=True)
    assert response.redirect_chain[-1][0] == "/login/?next=/admin/mail/domain/"


def test_a_login_without_admin_rights_is_refused(world: World) -> None:
    client = visit_as(world.alice.login)
    response = client.get("/admin/", follow=True)
    assert response.status_code == 403
    assert "Not allowed" in response.content.decode()
    assert "/admin/" not in page(client, "/")


def test_the_start_page_has_real_figures_and_says_what_is_wrong(world: World) -> None:
    send(world, world.alice, "a@x.example", "b@x.example")
    world.clock.advance(world.clock.HOUR)
    Domain.objects.create(name="empty.example")
    text = page(visit_as(world.admin), "/admin/")
    assert "the oldest due message is 59 minutes late" in text
    assert "empty.example has no address: all mail to it is refused." in text
    assert "<strong>2</strong>" in text


def test_the_start_page_of_a_healthy_server_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.alice
    assert "Nothing needs you" not in page(visit_as(world.admin), "/admin/"), "no process runs in this test"
    monkeypatch.setattr(all_cards, "CARDS", (version_card,))
    assert "Nothing needs you" in page(visit_as(world.admin), "/admin/")


@pytest.fixture
def everything(world: World) -> World:
    transport = Transport.objects.create(name="refuse", kind="fail")
    Route.objects.create(transport=transport, position=1)
    Route.objects.create(transport=transport, account=world.alice, position=1)
    Route.objects.create(transport=transport, domain=world.example_org, position=1)
    alias = Alias.objects.create(domain=world.example_org, localpart="team")
    alias.memberships.create(destination=world.alice.destinations.get())
    LogLevel.objects.create(package="delivery", level="debug")
    send(world, world.bob, "a@x.example")
    add_suppression(world.bob, "carol@remote.example")
    HoldRule.objects.create(account=world.bob, created=world.clock.now())
    guard().record(Attempt("bob", world.bob.login.pk, "192.0.2.7", "smtp", "PLAIN", "ok"))
    guard().sharing.round()
    return world


def test_every_page_opens(everything: World) -> None:
    client = visit_as(everything.admin)
    for model, model_admin in admin.site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        row = model._default_manager.order_by("pk").first()
        assert row is not None
        urls = [base, f"{base}?q=a", f"{base}{row.pk}/change/", f"{base}{row.pk}/history/"]
        if model not in READ_ONLY:
            urls += [f"{base}add/", f"{base}{row.pk}/delete/"]
        for url in urls:
            assert client.get(url, follow=True).status_code == 200, url
        assert model_admin.list_display


def test_a_row_that_is_not_there_is_no_fault(everything: World) -> None:
    client = visit_as(everything.admin)
    for model in MODELS:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for key in ("999999", "nonsense"):
            assert client.get(f"{base}{key}/change/").status_code in (302, 404)


def test_an_admin_without_account_changes_the_own_password(world: World) -> None:
    client = visit_as(world.admin)
    typed = {"current": world.password, "new": "another good one", "again": "another good one"}
    assert client.post("/admin/password_change/", typed).status_code == 302
    world.admin.refresh_from_db()
    assert world.admin.check_password("another good one")
    short = {"current": "another good one", "new": "short", "again": "short"}
    assert client.post("/admin/password_change/", short).status_code == 422
