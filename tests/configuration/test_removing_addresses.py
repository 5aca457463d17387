"""An address goes unless an alias or mail that waits would lose what it needs."""

import pytest
from django.core.exceptions import ValidationError

from delivery.models import QueuedMessage, QueuedRecipient
from mail.models import Alias, AliasMember, Destination
from moxsite.configfile.apply import ApplyFailed
from tests.admin.filling_in import errors_of, fields_of, fill_in
from tests.configfile.applying import apply
from tests.pages.visiting import visit_as
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

BELONGS = "alice@example.org waits in the queue, and that address would no longer belong to the account"
SENT_AS = r"team@example\.org waits"
LAST = "alice@example.org is the last member of the alias team@example.org"


def own(world: World) -> Destination:
    return world.alice.destinations.get(localpart="alice")


def second(world: World, localpart: str = "info") -> Destination:
    return Destination.objects.create(account=world.alice, domain=world.example_org, localpart=localpart)


def catchall(world: World) -> Destination:
    return Destination.objects.create(account=world.alice, domain=world.example_org, is_catchall=True)


def alias(world: World, *members: Destination, **fields: object) -> Alias:
    made = Alias.objects.create(domain=world.example_org, localpart="team", **fields)
    for member in members:
        AliasMember.objects.create(alias=made, destination=member)
    return made


def refused(destination: Destination) -> str:
    """Why it can't go; it is still there."""
    with pytest.raises(ValidationError) as error:
        destination.delete()
    assert Destination.objects.filter(pk=destination.pk).exists()
    return " ".join(error.value.messages)


def test_the_last_member_of_an_alias_stays(world: World) -> None:
    made = alias(world, own(world))
    assert refused(own(world)).startswith(LAST)
    assert made.memberships.count() == 1


def test_another_member_goes_with_its_membership(world: World) -> None:
    made = alias(world, own(world), world.bob.destinations.get())
    own(world).delete()
    assert [member.destination.account.name for member in made.memberships.all()] == ["bob"]


def test_the_sender_of_mail_that_waits_stays(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    second(world)
    assert BELONGS in refused(own(world))
    QueuedRecipient.objects.update(state="delivered", due=None, settled=1)
    own(world).delete()
    assert [str(row) for row in world.alice.destinations.all()] == ["info@example.org"]


def test_an_address_that_nothing_waiting_was_sent_from_goes(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    second(world).delete()


def test_a_catchall_of_the_account_covers_the_sender_and_then_stays_itself(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    rest = catchall(world)
    own(world).delete()
    assert BELONGS in refused(rest)


def test_a_catchall_goes_whose_mail_was_sent_from_an_address_of_its_own(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    catchall(world).delete()


def test_mail_that_belonged_to_nobody_before_keeps_nothing_back(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    QueuedMessage.objects.update(sender_domain="gone.example")
    own(world).delete()


def test_mail_sent_as_an_alias_needs_the_membership(world: World) -> None:
    alias(world, second(world), world.bob.destinations.get(), allow_from=True)
    queue_letter(world, "carol@remote.example")
    QueuedMessage.objects.update(sender_localpart="team")
    own(world).delete()
    assert "team@example.org waits" in refused(world.alice.destinations.get(localpart="info"))


@pytest.fixture
def sent_as(world: World) -> Alias:
    """An alias, and mail that waits which one of its members sent as it."""
    made = alias(world, own(world), world.bob.destinations.get(), allow_from=True)
    queue_letter(world, "carol@remote.example")
    QueuedMessage.objects.update(sender_localpart="team")
    return made


def test_an_alias_that_mail_was_sent_as_stays_as_it_is_while_that_waits(world: World, sent_as: Alias) -> None:
    sent_as.list_members = True
    sent_as.save()
    for change in ({"allow_from": False}, {"localpart": "crew"}):
        with pytest.raises(ValidationError, match=SENT_AS):
            changed(sent_as, **change).save()
    with pytest.raises(ValidationError, match=SENT_AS):
        Alias.objects.get().delete()
    with pytest.raises(ValidationError, match=SENT_AS):
        sent_as.memberships.get(destination=own(world)).delete()
    sent_as.memberships.exclude(destination=own(world)).get().delete()
    assert changed(sent_as).address.localpart == "team"
    QueuedRecipient.objects.update(state="delivered", due=None, settled=1)
    Alias.objects.get().delete()


def changed(row: Alias, **fields: object) -> Alias:
    """As it is stored, but for these fields."""
    stored = Alias.objects.get(pk=row.pk)
    for name, value in fields.items():
        setattr(stored, name, value)
    return stored


def test_the_admin_says_why_an_alias_stays(world: World, sent_as: Alias) -> None:
    client = visit_as(world.admin)
    page = f"/admin/mail/alias/{sent_as.pk}/delete/"
    assert "team@example.org waits" in client.get(page).content.decode()
    client.post(page, {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": str(sent_as.pk), "post": "yes"}
    assert "team@example.org waits" in client.post("/admin/mail/alias/", chosen).content.decode()
    fields = fields_of(client, f"/admin/mail/alias/{sent_as.pk}/change/") | {"allow_from": ""}
    answer = client.post(f"/admin/mail/alias/{sent_as.pk}/change/", fields)
    assert "team@example.org waits" in answer.content.decode()
    assert changed(sent_as).allow_from
    QueuedRecipient.objects.update(state="delivered", due=None, settled=1)
    client.post(page, {"post": "yes"})
    assert not Alias.objects.exists()


def test_an_address_with_upper_case_letters_goes_like_any_other(world: World) -> None:
    second(world, "Info")
    apply_without(world, '"Info@example.org"')
    assert [str(row) for row in world.alice.destinations.all()] == ["alice@example.org"]


def test_moving_or_changing_an_address_takes_it_away_as_well(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    moved = own(world)
    moved.account = world.bob
    with pytest.raises(ValidationError) as error:
        moved.save()
    assert BELONGS in error.value.messages[0]
    renamed = own(world)
    renamed.localpart = "alicia"
    with pytest.raises(ValidationError):
        renamed.save()
    same = own(world)
    same.localpart = "Alice"
    same.save()


def test_a_domain_keeps_its_name_while_mail_of_its_addresses_waits(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    url = f"/admin/mail/domain/{world.example_org.pk}/change/"
    client = visit_as(world.admin)
    (error,) = errors_of(fill_in(client, url, name="new.example"))
    assert BELONGS in error
    QueuedRecipient.objects.all().delete()
    assert fill_in(client, url, name="new.example").status_code == 302
    assert str(world.alice.destinations.get().address) == "alice@new.example"


def test_a_member_does_not_become_a_catchall(world: World) -> None:
    alias(world, own(world))
    row = own(world)
    row.is_catchall = True
    with pytest.raises(ValidationError) as error:
        row.save()
    assert "member of an alias" in error.value.messages[0]


def test_the_admin_reads_the_reason_and_nothing_is_changed(world: World) -> None:
    alias(world, own(world))
    client = visit_as(world.admin)
    url = f"/admin/mail/account/{world.alice.pk}/change/"
    response = fill_in(client, url, **{"destinations-0-DELETE": "on"})
    assert any(LAST in error for error in errors_of(response))
    AliasMember.objects.create(alias=Alias.objects.get(), destination=world.bob.destinations.get())
    assert fill_in(client, url, **{"destinations-0-DELETE": "on"}).status_code == 302
    assert not world.alice.destinations.exists()


def test_the_admin_replaces_an_address_by_a_catchall_in_one_step(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    client = visit_as(world.admin)
    url = f"/admin/mail/account/{world.alice.pk}/change/"
    assert "destinations-1-address" in fields_of(client, url)
    typed = {"destinations-0-DELETE": "on", "destinations-1-address": "@example.org"}
    response = fill_in(client, url, **typed)
    assert response.status_code == 302, errors_of(response)
    assert str(world.alice.destinations.get()) == "@example.org"


def file_with(*addresses: str) -> str:
    own = "\n".join(f"[accounts.alice.destinations.{address}]" for address in addresses)
    domain = '[domains."example.org"]\nlocalpart_separators = ["+"]'
    return f'{domain}\n[accounts.alice]\nfull_name = "Alice"\n{own}\n'


def apply_without(world: World, gone: str) -> list[str]:
    kept = [f'"{row}"' for row in world.alice.destinations.all()]
    return apply(file_with(*(text for text in kept if text != gone)))


def test_a_file_is_refused_whose_changes_take_a_sender_away(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    with pytest.raises(ApplyFailed) as error:
        apply(file_with('"info@example.org"'))
    assert BELONGS in str(error.value)
    assert str(own(world)) == "alice@example.org"
    assert "+ address @example.org of account alice" in apply(file_with('"@example.org"'))
