import pytest

from mail.models import Login
from tests.admin.filling_in import errors_of, fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

LOGINS = "/admin/mail/login/"


def test_a_login_is_made_for_an_account_by_its_name(world: World) -> None:
    world.alice.login.delete()
    response = fill_in(
        visit_as(world.admin), f"{LOGINS}add/", name="alice", account="Alice", password="a good password"
    )
    assert response.status_code == 302, errors_of(response)
    login = Login.objects.get(name="alice")
    assert login.account == world.alice
    assert login.check_password("a good password")


def test_the_password_is_kept_when_none_is_typed(world: World) -> None:
    client = visit_as(world.admin)
    url = f"{LOGINS}{world.alice.login.pk}/change/"
    assert 'value="alice"' in page(client, url)
    assert fill_in(client, url, is_staff="on").status_code == 302
    login = Login.objects.get(pk=world.alice.login.pk)
    assert login.is_staff
    assert login.account == world.alice
    assert login.check_password(world.password)


def test_wrong_input_is_refused_beside_its_field(world: World) -> None:
    client = visit_as(world.admin)
    response = fill_in(client, f"{LOGINS}add/", name="eve", account="nobody", password="short")
    assert errors_of(response) == [
        "There is nothing with this name.",
        "A password has at least 8 characters.",
    ]
    assert "short" not in response.content.decode().split("<main")[1].split("errorlist")[0]
    response = fill_in(client, f"{LOGINS}add/", name="eve")
    assert errors_of(response) == ["A new login needs a password."]
    assert not Login.objects.filter(name="eve").exists()


def test_nobody_deletes_the_login_in_use(world: World) -> None:
    client = visit_as(world.admin)
    assert client.post(f"{LOGINS}{world.admin.pk}/delete/", {"post": "yes"}).status_code == 403
    together = {"action": "delete_selected", "_selected_action": str(world.admin.pk), "post": "yes"}
    client.post(LOGINS, together)
    assert Login.objects.filter(pk=world.admin.pk).exists()


def test_a_number_of_any_length_in_the_address_of_a_list_is_no_error_of_the_server(world: World) -> None:
    answer = visit_as(world.admin).get("/admin/delivery/suppression/", {"account": "9" * 30})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/delivery/suppression/?e=1")


@pytest.mark.parametrize("chosen", ["alice", "", "1.5", "-1", "²", "9" * 400])
@pytest.mark.parametrize("rows", [LOGINS, "/admin/delivery/queuedrecipient/"])
def test_a_row_that_is_none_is_no_error_of_the_server(world: World, rows: str, chosen: str) -> None:
    actions = {"action": "delete_selected" if rows == LOGINS else "retry_now", "_selected_action": chosen}
    assert visit_as(world.admin).post(rows, actions).status_code == 400
