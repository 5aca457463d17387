"""The pages about log-ins fit every screen."""

import pytest
from selenium.webdriver.common.by import By

from mail import clock
from mail.guard.attempts import Attempt, Protocol, Result
from mail.guard.guard import guard
from mail.guard.trying import Trying
from mail.identity.passwords import add_app_password
from mail.limiter.logins import ACCOUNT_WINDOWS
from mail.models import Credential
from tests.browser.visitor import Visitor
from tests.world.world import PASSWORD, World

pytestmark = [pytest.mark.only_database("sqlite"), pytest.mark.external, pytest.mark.long]


def happen(world: World) -> None:
    login = world.alice.login
    add_app_password(login, "Thunderbird on my laptop")
    add_app_password(login, "Telephone")
    Credential.objects.filter(label="Telephone").update(last_used=clock.now() - clock.HOUR)
    events = (
        ("alice@example.org", "2001:db8:1234:5678:9abc:def0:1234:5678", "SCRAM-SHA-256-PLUS", Result.OK, 3),
        ("alice", "192.0.2.66", "PLAIN", Result.WRONG, 41),
        ("alice@example.org", "192.0.2.66", "LOGIN", Result.THROTTLED, 1200),
        ("a.very.long.address.for.alice+newsletters@example.org", "203.0.113.9", "CRAM-MD5",
         Result.NOT_ENABLED, 1),
    )  # fmt: skip
    for name, ip, mechanism, result, times in events:
        label = "Thunderbird on my laptop" if result is Result.OK else ""
        attempt = Attempt(name, login.pk, ip, Protocol.SMTP, mechanism, result, label)
        guard().attempts.add(attempt, clock.now() - 3 * clock.HOUR)
        guard().attempts.add(attempt, clock.now() - clock.MINUTE, times - 1) if times > 1 else None
    web = Attempt("alice", login.pk, "198.51.100.7", Protocol.WEB, "password", Result.OK)
    guard().attempts.add(web, clock.now() - 2 * clock.DAY)
    guard().sharing.round()


@pytest.mark.parametrize("width", [360, 1440])
def test_log_ins_fit_the_screen(world: World, visitor: Visitor, width: int) -> None:
    happen(world)
    visitor.resize(width)
    visitor.log_in("alice", PASSWORD)
    visitor.check("/account/log-ins/", "logins-list")
    assert "Thunderbird on my laptop" in visitor.driver.page_source
    visitor.check("/account/", "logins-account")
    visitor.check("/account/app-passwords/1/remove/".replace("1", str(_newest())), "logins-remove")


@pytest.mark.parametrize("width", [360, 1440])
def test_who_has_to_wait_reads_for_how_long(world: World, visitor: Visitor, width: int) -> None:
    login = world.alice.login
    for number in range(ACCOUNT_WINDOWS[0].limit):
        trying = Trying(guard(), f"100.64.{number}.1", Protocol.SMTP, "PLAIN", login.name)
        trying.check()
        trying.failed()
    visitor.resize(width)
    visitor.driver.delete_all_cookies()
    visitor.go("/login/")
    visitor.driver.find_element(By.NAME, "username").send_keys("alice")
    visitor.driver.find_element(By.NAME, "password").send_keys(PASSWORD)
    visitor.driver.find_element(By.CSS_SELECTOR, "main button").click()
    visitor.wait_for("h1", ["Log in"])
    (note,) = visitor.texts(".note.error")
    assert "Try again in " in note
    visitor.keep_picture("logins-wait")


def _newest() -> int:
    newest = Credential.objects.order_by("-id").first()
    assert newest is not None
    return newest.pk
