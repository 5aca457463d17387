import pytest

from delivery.models import Route, Transport
from mail.models import Account, Alias, Destination, Domain, Mailbox
from tests.admin.filling_in import errors_of, fields_of, fill_in
from tests.pages.visiting import page, receive, visit_as
from tests.world.letters import letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

DOMAINS, ACCOUNTS, ALIASES = "/admin/mail/domain/", "/admin/mail/account/", "/admin/mail/alias/"


def test_a_domain_is_added_with_its_separators(world: World) -> None:
    client = visit_as(world.admin)
    response = fill_in(client, f"{DOMAINS}add/", name="MÜNCHEN.example", localpart_separators="+ , -")
    assert response.status_code == 302, errors_of(response)
    domain = Domain.objects.get()
    assert (domain.name, domain.localpart_separators) == ("xn--mnchen-3ya.example", ["+", "-"])
    assert "münchen.example" in page(client, DOMAINS)


def test_a_wrong_domain_is_refused_beside_its_field(world: World) -> None:
    response = fill_in(visit_as(world.admin), f"{DOMAINS}add/", name="exa mple.org")
    assert response.status_code == 200
    assert len(errors_of(response)) == 1
    assert not Domain.objects.exists()


def test_a_new_account_gets_its_addresses_and_mailboxes(world: World) -> None:
    assert world.example_org
    response = fill_in(
        visit_as(world.admin),
        f"{ACCOUNTS}add/",
        **{"name": "dora", "destinations-0-address": "Dora@Example.org"},
    )
    assert response.status_code == 302, errors_of(response)
    account = Account.objects.get(name="dora")
    assert account.destinations.get().canonical_localpart == "dora"
    assert Mailbox.objects.filter(account=account, name="Inbox").exists()


@pytest.mark.parametrize("field", ["max_outgoing_messages_per_day", "quota_mb", "routes-0-minimum_attempts"])
def test_a_number_that_only_one_database_could_keep_is_refused_beside_its_field(
    world: World, field: str
) -> None:
    transport = Transport.objects.create(name="relay")
    Route.objects.create(account=world.alice, transport=transport)
    url = f"{ACCOUNTS}{world.alice.pk}/change/"
    response = fill_in(visit_as(world.admin), url, **{field: str(2**63 - 1)})
    assert errors_of(response) == ["Ensure this value is less than or equal to 2147483647."]


def test_a_catchall_is_typed_as_an_at_sign_and_the_domain(world: World) -> None:
    url = f"{ACCOUNTS}{world.alice.pk}/change/"
    client = visit_as(world.admin)
    typed = {"destinations-1-address": "@example.org"}
    assert fill_in(client, url, **typed).status_code == 302
    assert world.alice.destinations.filter(is_catchall=True).exists()
    assert fields_of(client, url)["destinations-0-address"] in ("@example.org", "alice@example.org")
    assert fill_in(client, url).status_code == 302


def test_a_taken_address_is_refused_with_the_owner(world: World) -> None:
    assert world.bob
    url = f"{ACCOUNTS}{world.alice.pk}/change/"
    response = fill_in(visit_as(world.admin), url, **{"destinations-1-address": "BOB@example.org"})
    (error,) = errors_of(response)
    assert "bob" in error
    assert Destination.objects.count() == 2


def test_an_address_elsewhere_or_no_address_is_refused_in_words(world: World) -> None:
    url = f"{ACCOUNTS}{world.alice.pk}/change/"
    client = visit_as(world.admin)
    (error,) = errors_of(fill_in(client, url, **{"destinations-1-address": "alice@elsewhere.example"}))
    assert error == "elsewhere.example is not a domain of this server. Add it under Domains first."
    (error,) = errors_of(fill_in(client, url, **{"destinations-1-address": "no address"}))
    assert error


def test_two_new_addresses_that_are_the_same_are_refused_together(world: World) -> None:
    url = f"{ACCOUNTS}{world.alice.pk}/change/"
    typed = {
        "destinations-TOTAL_FORMS": "3",
        "destinations-1-address": "sales@example.org",
        "destinations-1-mailbox": "Inbox",
        "destinations-2-address": "Sales@example.org",
        "destinations-2-mailbox": "Inbox",
        "full_name": "Not saved",
    }
    response = fill_in(visit_as(world.admin), url, **typed)
    assert response.status_code == 200
    assert any("sales" in error for error in errors_of(response))
    world.alice.refresh_from_db()
    assert world.alice.full_name != "Not saved"
    assert world.alice.destinations.count() == 1


def test_an_account_with_mail_is_not_deleted(world: World) -> None:
    receive(world, world.alice, letter())
    client = visit_as(world.admin)
    url = f"{ACCOUNTS}{world.alice.pk}/delete/"
    assert "1 message in the mailboxes of alice" in page(client, url)
    assert client.post(url, {"post": "yes"}).status_code in (200, 403)
    assert Account.objects.filter(name="alice").exists()
    together = {"action": "delete_selected", "_selected_action": str(world.alice.pk), "post": "yes"}
    client.post(ACCOUNTS, together)
    assert Account.objects.filter(name="alice").exists()


def test_an_empty_account_is_deleted_after_a_question(world: World) -> None:
    client = visit_as(world.admin)
    url = f"{ACCOUNTS}{world.alice.pk}/delete/"
    assert "Delete account alice" in page(client, url)
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert not Account.objects.exists()


def test_an_alias_takes_members_by_their_address(world: World) -> None:
    assert world.alice
    assert world.bob
    response = fill_in(
        visit_as(world.admin),
        f"{ALIASES}add/",
        **{
            "localpart": "team",
            "domain": str(world.example_org.pk),
            "memberships-0-address": "Alice@example.org",
            "memberships-1-address": "bob@example.org",
        },
    )
    assert response.status_code == 302, errors_of(response)
    assert Alias.objects.get().members.count() == 2


def test_a_member_that_nobody_has_is_refused(world: World) -> None:
    assert world.alice
    typed = {
        "localpart": "team",
        "domain": str(world.example_org.pk),
        "memberships-0-address": "x@example.org",
    }
    response = fill_in(visit_as(world.admin), f"{ALIASES}add/", **typed)
    assert errors_of(response) == ["No account has x@example.org. Add the address to an account first."]


def test_the_domain_page_answers_who_gets_mail(world: World) -> None:
    assert world.alice
    client = visit_as(world.admin)
    url = f"{DOMAINS}{world.example_org.pk}/change/"
    assert "alice@example.org" in page(client, url)
    for typed, answer in [
        ("alice@example.org", "Account alice gets it, in Inbox."),
        ("ALICE%2Bshop", "By its address alice@example.org"),
        ("nobody", "Refused: nobody has nobody@example.org"),
        ("x@elsewhere.example", "elsewhere.example is not a domain of this server"),
        ("%3Cscript%3E", "&lt;script&gt;"),
    ]:
        assert answer in page(client, f"{url}?try={typed}")


def test_the_domain_page_explains_aliases_catchalls_and_refusals(world: World) -> None:
    alias = Alias.objects.create(domain=world.example_org, localpart="team")
    alias.memberships.create(destination=world.alice.destinations.get())
    world.bob.destinations.create(domain=world.example_org, is_catchall=True)
    world.bob.destinations.create(domain=world.example_org, localpart="trap", smtp_error="550 no such user")
    client = visit_as(world.admin)
    url = f"{DOMAINS}{world.example_org.pk}/change/?try="
    assert "is an alias; each of these gets a copy." in page(client, f"{url}team")
    assert "By its catchall @example.org." in page(client, f"{url}anybody")
    assert "Refused with “550" in page(client, f"{url}trap")
    Domain.objects.filter(pk=world.example_org.pk).update(disabled=True)
    assert "the domain is disabled" in page(client, f"{url}alice")


@pytest.mark.parametrize("holds_mail", [False, True])
def test_the_question_before_deleting_has_a_heading_that_ends(world: World, *, holds_mail: bool) -> None:
    if holds_mail:
        receive(world, world.alice, letter())
    client = visit_as(world.admin)
    chosen = {"action": "delete_selected", "_selected_action": str(world.alice.pk)}
    for answer in (client.get(f"{ACCOUNTS}{world.alice.pk}/delete/"), client.post(ACCOUNTS, chosen)):
        heading = answer.content.decode().partition("<h1>")[2].partition("</h1>")[0]
        assert ("delete" in heading.lower(), "<" in heading) == (True, False)
