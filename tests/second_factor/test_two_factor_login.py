import base64
import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from mail import clock
from mail.guard.guard import guard
from mail.identity.passwords import set_main_password
from mail.models import Login, LoginAttempt
from moxsite.models import AuditEntry, RecoveryCode, SecondFactor
from moxsite.second_factor import totp
from moxsite.second_factor.factors import begin, check, confirm, secret_of
from tests.admin.filling_in import fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World

PAGE = "/account/second-factor/"


def present_code(login: Login, *, later: int = 0) -> str:
    factor = SecondFactor.objects.get(login=login)
    return totp.code_at(secret_of(factor), totp.step_of(clock.now()) + later)


def turned_on(login: Login) -> list[str]:
    """Set up, with the recovery codes. The code of now is used up."""
    factor = begin(login)
    codes = confirm(factor, present_code(login))
    assert codes is not None
    return codes


def password_given(world: World, name: str = "alice", to: str = "") -> Client:
    client = Client()
    response = client.post(f"/login/{to}", {"username": name, "password": world.password})
    assert response.headers["Location"] == "/login/code/"
    assert client.get("/account/").status_code == 302
    return client


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238 appendix B, the last six of eight digits."""
    secret = b"12345678901234567890"
    assert totp.code_at(secret, seconds // 30) == code
    assert totp.matching_step(secret, code, seconds * clock.SECOND) == seconds // 30
    assert base64.b32decode(totp.secret_text(secret).replace(" ", "")) == secret


def test_setting_it_up_on_the_page_and_logging_in_with_it(world: World) -> None:
    login = world.alice.login
    client = visit_as(login)
    assert client.post(PAGE, {"action": "begin", "current": "wrong"}).status_code == 422
    assert client.post(PAGE, {"action": "begin", "current": world.password}).status_code == 302
    text = page(client, PAGE)
    assert "<svg" in text
    assert "otpauth://totp/" in text
    assert 'style="' not in text
    assert client.post(PAGE, {"action": "confirm", "code": "ünmögl"}).status_code == 422
    # Of one moment, as the next step may begin in between.
    used, following = present_code(login), present_code(login, later=1)
    shown = client.post(PAGE, {"action": "confirm", "code": used})
    assert len(set(re.findall(r'"secret">([a-z0-9-]{19})<', shown.content.decode()))) == 10
    assert "on</span>" in page(client, "/account/")
    newcomer = password_given(world, to="?next=/sent/")
    wrong = newcomer.post("/login/code/", {"code": used})
    assert wrong.status_code == 422, "the code that confirmed is used up"
    right = newcomer.post("/login/code/", {"code": following})
    assert right.headers["Location"] == "/sent/"
    assert newcomer.get("/account/").status_code == 200
    again = password_given(world)
    assert again.post("/login/code/", {"code": following}).status_code == 422


def test_a_recovery_code_is_good_once_however_it_is_typed(world: World) -> None:
    codes = turned_on(world.alice.login)
    typed = codes[0].upper().replace("-", " ")
    assert password_given(world).post("/login/code/", {"code": typed}).status_code == 302
    assert password_given(world).post("/login/code/", {"code": codes[0]}).status_code == 422
    assert password_given(world).post("/login/code/", {"code": codes[1]}).status_code == 302


def test_of_secret_and_codes_nothing_can_be_read_in_the_database_or_the_log(world: World) -> None:
    codes = turned_on(world.alice.login)
    factor = SecondFactor.objects.get()
    assert secret_of(factor) not in bytes(factor.secret_sealed)
    for row in RecoveryCode.objects.all():
        assert not any(code.replace("-", "").encode() in bytes(row.digest) for code in codes)
    entry = AuditEntry.objects.filter(kind="two-factor login").first()
    assert entry is not None
    assert totp.secret_text(secret_of(factor)).replace(" ", "") not in entry.changes


def test_wrong_codes_are_held_back_like_wrong_passwords(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moxsite.pages.login_code.pause", lambda seconds: None)
    codes = turned_on(world.alice.login)
    client = Client(REMOTE_ADDR="192.0.2.77")
    client.post("/login/", {"username": "alice", "password": world.password})
    statuses = [client.post("/login/code/", {"code": "123456x"}).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    assert client.post("/login/code/", {"code": codes[0]}).status_code == 429
    guard().sharing.round()
    assert LoginAttempt.objects.filter(mechanism="code", result="wrong").exists()


@pytest.mark.only_database("sqlite")
def test_the_step_between_ends_with_time_and_with_another_password(world: World) -> None:
    codes = turned_on(world.alice.login)
    late = password_given(world)
    world.clock.advance(11 * clock.MINUTE)
    assert late.post("/login/code/", {"code": codes[0]}).headers["Location"] == "/login/"
    changed = password_given(world)
    set_main_password(world.alice.login, "another good password")
    assert changed.post("/login/code/", {"code": codes[0]}).headers["Location"] == "/login/"
    assert Client().get("/login/code/").headers["Location"] == "/login/"


def test_the_admin_is_behind_it_too(world: World) -> None:
    codes = turned_on(world.admin)
    client = password_given(world, "admin", "?next=/admin/")
    assert client.get("/admin/").status_code == 302
    assert client.post("/login/code/", {"code": codes[0]}).headers["Location"] == "/admin/"
    assert "Two-factor login" in page(client, "/admin/")
    assert "Turn two-factor off" in page(client, PAGE)


@pytest.mark.only_database("sqlite")
def test_new_recovery_codes_end_the_old_ones(world: World) -> None:
    login = world.alice.login
    old = turned_on(login)
    client = visit_as(login)
    shown = client.post(PAGE, {"action": "renew", "current": world.password})
    new = re.findall(r'"secret">([a-z0-9-]{19})<', shown.content.decode())
    factor = SecondFactor.objects.get()
    assert not check(factor, old[0])
    assert check(factor, new[0])


@pytest.mark.only_database("sqlite")
def test_it_is_turned_off_with_the_password_by_an_admin_or_by_command(world: World) -> None:
    login = world.alice.login
    turned_on(login)
    client = visit_as(login)
    assert client.post(PAGE, {"action": "off", "current": "wrong"}).status_code == 422
    assert SecondFactor.objects.exists()
    client.post(PAGE, {"action": "off", "current": world.password})
    assert not SecondFactor.objects.exists()

    turned_on(login)
    url = f"/admin/mail/login/{login.pk}/change/"
    assert fill_in(visit_as(world.admin), url, without_second_factor="on").status_code == 302
    assert not SecondFactor.objects.exists()

    turned_on(login)
    said = io.StringIO()
    call_command("twofactor", "alice@example.org", stdout=said)
    call_command("twofactor", "alice@example.org", "--off", stdout=said)
    assert said.getvalue().splitlines() == [
        "alice: two-factor is on, 10 recovery codes are left.",
        "alice: two-factor is off.",
    ]
    with pytest.raises(CommandError, match="no login"):
        call_command("twofactor", "nobody@example.org")


@pytest.mark.only_database("sqlite")
def test_a_secret_that_was_sealed_with_another_key_locks_out_and_is_no_fault(world: World) -> None:
    turned_on(world.alice.login)
    SecondFactor.objects.update(secret_sealed=b"broken")
    assert password_given(world).post("/login/code/", {"code": "123456"}).status_code == 422


def test_turning_it_on_or_off_ends_the_sessions_in_other_browsers(world: World) -> None:
    login = world.alice.login
    here, elsewhere, bob = visit_as(login), visit_as(login), visit_as(world.bob.login)
    here.post(PAGE, {"action": "begin", "current": world.password})
    assert elsewhere.get("/account/").status_code == 200
    assert (
        "recovery codes"
        in here.post(PAGE, {"action": "confirm", "code": present_code(login)}).content.decode()
    )
    assert (here.get("/account/").status_code, elsewhere.get("/account/").status_code) == (200, 302)
    elsewhere = visit_as(login)
    here.post(PAGE, {"action": "off", "current": world.password})
    assert (here.get("/account/").status_code, elsewhere.get("/account/").status_code) == (200, 302)
    assert bob.get("/account/").status_code == 200
    turned_on(login)
    call_command("twofactor", "alice", "--off", stdout=io.StringIO())
    assert here.get("/account/").status_code == 302


@override_settings(MOXSITE_ADMIN_TWO_FACTOR="required")
def test_where_it_is_required_an_admin_is_led_to_it_before_the_admin_pages_open(world: World) -> None:
    client = visit_as(world.admin)
    response = client.get("/admin/mail/account/")
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)
    text = page(client, PAGE)
    assert "Admins of this server need two-factor" in text
    client.post(PAGE, {"action": "begin", "current": world.password})
    confirmed = client.post(PAGE, {"action": "confirm", "code": present_code(world.admin)})
    assert 'href="/admin/"' in confirmed.content.decode()
    assert client.get("/admin/mail/account/").status_code == 200
    assert visit_as(world.alice.login).get("/account/").status_code == 200
    assert visit_as(world.alice.login).get("/admin/", follow=True).status_code == 403
