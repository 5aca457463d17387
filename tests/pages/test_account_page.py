import re

import pytest
from django.test import Client

from mail.identity.passwords import add_app_password, matching_credential
from mail.models import Alias, AliasMember
from moxsite.pages.qr import qr_svg
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

NEW = "a much better password"


def change(client: Client, current: str, new: str, again: str) -> tuple[int, str]:
    response = client.post("/account/password/", {"current": current, "new": new, "again": again})
    return response.status_code, response.content.decode()


def test_the_password_is_changed_and_other_sessions_end(world: World) -> None:
    here, elsewhere = visit_as(world.alice.login), visit_as(world.alice.login)
    assert change(here, world.password, NEW, NEW)[0] == 302
    assert "Your password was changed" in page(here, "/account/")
    assert elsewhere.get("/account/").status_code == 302
    world.alice.login.refresh_from_db()
    assert world.alice.login.check_password(NEW)
    assert not world.alice.login.check_password(world.password)


def test_without_the_present_password_nothing_is_changed(world: World) -> None:
    status, text = change(visit_as(world.alice.login), "wrong", NEW, NEW)
    assert status == 422
    assert "This is not your present password." in text
    assert world.alice.login.check_password(world.password)


def test_a_password_that_is_too_short_or_mistyped_is_refused_beside_its_field(world: World) -> None:
    client = visit_as(world.alice.login)
    status, text = change(client, world.password, "short", "short")
    assert (status, "at least 8 characters." in text) == (422, True)
    status, text = change(client, world.password, NEW, NEW + "x")
    assert (status, "The two new passwords differ." in text) == (422, True)
    assert NEW not in text


def test_members_see_their_aliases_and_each_other_where_that_is_wanted(world: World) -> None:
    alice, bob = (account.destinations.get() for account in (world.alice, world.bob))
    team = Alias.objects.create(domain=world.example_org, localpart="team", allow_from=True)
    for member in (alice, bob):
        AliasMember.objects.create(alias=team, destination=member)
    client = visit_as(world.alice.login)
    text = page(client, "/account/")
    assert "team@example.org" in text
    assert "only members may write to it; you may send as it" in text
    assert "bob@example.org" not in text
    Alias.objects.update(list_members=True, post_public=True)
    text = page(client, "/account/")
    assert "alice@example.org, bob@example.org" in text
    assert "anybody may write to it" in text


def test_an_app_password_is_shown_once_and_works(world: World) -> None:
    client = visit_as(world.alice.login)
    response = client.post("/account/app-passwords/", {"label": "Phone"})
    found = re.search(r'<code class="secret">([^<]+)</code>', response.content.decode())
    assert found
    world.alice.login.refresh_from_db()
    credential = matching_credential(world.alice.login, found[1])
    assert credential is not None
    assert credential.label == "Phone"
    assert found[1] not in page(client, "/account/")
    assert response.headers["Cache-Control"] == "private, no-store"


def test_an_app_password_without_a_label_is_refused(world: World) -> None:
    response = visit_as(world.alice.login).post("/account/app-passwords/", {"label": "  "})
    assert response.status_code == 422
    assert not world.alice.login.credentials.filter(kind="app").exists()


def test_an_app_password_is_taken_away_after_a_question(world: World) -> None:
    password = add_app_password(world.alice.login, "Phone")
    credential = world.alice.login.credentials.get(kind="app")
    client = visit_as(world.alice.login)
    url = f"/account/app-passwords/{credential.pk}/remove/"
    assert "Take away the app password “Phone”?" in page(client, url)
    assert matching_credential(world.alice.login, password) is not None
    assert client.post(url).status_code == 302
    assert matching_credential(world.alice.login, password) is None


def test_passwords_of_others_and_main_passwords_can_not_be_taken_away(world: World) -> None:
    add_app_password(world.bob.login, "Phone")
    client = visit_as(world.alice.login)
    for credential in [*world.bob.login.credentials.all(), *world.alice.login.credentials.all()]:
        assert client.post(f"/account/app-passwords/{credential.pk}/remove/").status_code == 404
    assert world.bob.login.credentials.count() == 2


def test_addresses_and_settings_for_mail_clients_are_listed(world: World) -> None:
    world.alice.destinations.create(domain=world.b_example, is_catchall=True)
    world.alice.destinations.create(domain=world.example_org, localpart="trap", smtp_error="550 no such user")
    text = page(visit_as(world.alice.login), "/account/")
    for words in (
        "alice@example.org",
        "all other addresses of b.example",
        "refused with “550 no such user”",
        "<code>465</code> with TLS",
        "<code>587</code> with STARTTLS",
    ):
        assert words in text


def test_a_phone_is_led_to_the_profile_of_the_first_address(world: World) -> None:
    text = page(visit_as(world.alice.login), "/account/")
    link = "https://mail.example.org/profile.mobileconfig?addresses=alice%40example.org"
    assert f'href="{link}"' in text
    assert "Profile for iPhone and iPad as a QR code" in text
    assert str(qr_svg(link, "Profile for iPhone and iPad as a QR code")) in text
    assert "Settings as text in a QR code" in text
    world.alice.destinations.all().delete()
    assert "profile.mobileconfig" not in page(visit_as(world.alice.login), "/account/")
