import pytest
from django.test import override_settings
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from delivery.models import Attempt, Route, Transport
from mail import clock
from mail.models import Alias, PeriodicJob
from moxsite.history.keeping import keep_version
from moxsite.models import AcmeName
from moxsite.second_factor import totp
from moxsite.second_factor.factors import begin, confirm, secret_of
from tests.browser.visitor import Visitor
from tests.pages.visiting import letter_with_everything, receive, send, tried
from tests.world.letters import letter
from tests.world.world import World

pytestmark = [pytest.mark.external, pytest.mark.only_database("sqlite"), pytest.mark.long]

SCREENS = [(360, False), (1440, False), (360, True)]


def furnish(world: World) -> dict[str, str]:
    """Something of everything; gives the pages of an account with their names."""
    for number in range(60):
        receive(world, world.alice, letter(f"Letter {number} with a subject longer than a telephone is wide"))
    rich = receive(world, world.alice, letter_with_everything())
    sent = send(world, world.alice, "bob@example.net", "a-very-long-localpart-indeed@a-long-domain.example")
    row = sent.recipients.order_by("id")[0]
    tried(row, Attempt.Outcome.TEMPORARY, "451 4.7.1 greylisted, try again later")
    tried(row, Attempt.Outcome.DELIVERED, "250 2.0.0 queued as 4BX")
    begin(world.alice.login)
    own = f"/mail/{rich.mailbox_id}/{rich.uid}/"
    return {
        "mail": "/",
        "message": own,
        "message-text": f"{own}?view=text",
        "header": f"{own}headers/",
        "sent": "/sent/",
        "timeline": f"/sent/{sent.id}/",
        "account": "/account/",
        "second-factor": "/account/second-factor/",
    }


def furnish_admin(world: World) -> dict[str, str]:
    """Something for each page of the admin."""
    furnish(world)
    relay = Transport.objects.create(name="relay", kind="submission", settings={"host": "smtp.relay.example"})
    for position in (1, 2):
        Route.objects.create(transport=relay, position=position, to_domains=[f"{position}.example"])
    Route.objects.create(transport=relay, position=1, account=world.alice)
    first = keep_version()
    assert first is not None
    alias = Alias.objects.create(domain=world.example_org, localpart="team")
    alias.memberships.create(destination=world.alice.destinations.get())
    world.alice.full_name = "Alice Liddell of a name that is longer than most"
    world.alice.save()
    keep_version()
    PeriodicJob.objects.create(name="sweep", last_finished=clock.now(), due=clock.now() + clock.HOUR)
    PeriodicJob.objects.create(name="prune audit log", last_error="OperationalError: the disk is full")
    AcmeName.objects.create(
        name="mail.example.org",
        state=AcmeName.State.FAILED,
        problem="192.0.2.7: Invalid response from http://mail.example.org/.well-known/acme-challenge/x: 404",
        next_attempt=clock.now() + clock.HOUR,
    )
    return {
        "start": "/admin/",
        "domains": "/admin/mail/domain/",
        "domain": f"/admin/mail/domain/{world.example_org.pk}/change/?try=ALICE%2Bx",
        "accounts": "/admin/mail/account/",
        "account-form": f"/admin/mail/account/{world.alice.pk}/change/",
        "account-delete": f"/admin/mail/account/{world.alice.pk}/delete/",
        "alias": f"/admin/mail/alias/{alias.pk}/change/",
        "logins": "/admin/mail/login/",
        "login-form": f"/admin/mail/login/{world.alice.login.pk}/change/",
        "transports": "/admin/delivery/transport/",
        "transport-kinds": "/admin/delivery/transport/add/",
        "transport": f"/admin/delivery/transport/{relay.pk}/change/",
        "transport-test": f"/admin/delivery/transport/{relay.pk}/test/",
        "routes": "/admin/delivery/route/",
        "explain": "/admin/explain/?sender=alice@example.org&recipient=carol@2.example&account=alice",
        "queue": "/admin/delivery/queuedrecipient/",
        "log-level": "/admin/mail/loglevel/add/",
        "log-levels": "/admin/mail/loglevel/",
        "audit-log": "/admin/moxsite/auditentry/",
        "history": "/admin/configuration/",
        "history-version": f"/admin/configuration/{first.generation}/",
        "processes": "/admin/processes/",
        "certificates": "/admin/certificates/",
        "backends": "/admin/backends/",
    }


def test_account_pages_fit_every_screen_without_complaint(world: World, visitor: Visitor) -> None:
    pages = furnish(world)
    for width, dark in SCREENS:
        visitor.resize(width, dark=dark)
        visitor.log_in("alice@example.org", world.password)
        for name, path in pages.items():
            visitor.check(path, f"{name}{'-dark' if dark else ''}")


def test_admin_pages_fit_every_screen_without_complaint(
    world: World, visitor: Visitor, request: pytest.FixtureRequest
) -> None:
    assert world.admin
    pages = furnish_admin(world)
    directory = override_settings(MOXSITE_ACME_DIRECTORY="letsencrypt")
    directory.enable()
    request.addfinalizer(directory.disable)
    for width, dark in SCREENS:
        visitor.resize(width, dark=dark)
        visitor.log_in("admin", world.password)
        for name, path in pages.items():
            visitor.check(path, f"admin-{name}{'-dark' if dark else ''}")


def test_one_logs_in_reads_and_leaves_with_the_keyboard_alone(world: World, visitor: Visitor) -> None:
    receive(world, world.alice, letter("Read me"))
    visitor.resize(1440)
    visitor.driver.delete_all_cookies()
    visitor.go("/login/")
    visitor.driver.switch_to.active_element.send_keys("alice", Keys.TAB, world.password, Keys.ENTER)
    visitor.wait_for("h1", ["Inbox"])
    visitor.driver.find_element(By.CSS_SELECTOR, "table.messages a").send_keys(Keys.ENTER)
    visitor.wait_for("h1", ["Read me"])
    visitor.driver.find_element(By.CSS_SELECTOR, ".who button").send_keys(Keys.ENTER)
    visitor.wait_for("h1", ["Log in"])


def test_times_are_those_of_the_reader(world: World, visitor: Visitor) -> None:
    message = receive(world, world.alice, letter())
    visitor.resize(1440)
    visitor.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Kathmandu"})
    visitor.log_in("alice", world.password)
    visitor.go(f"/mail/{message.mailbox_id}/{message.uid}/")
    shown = visitor.driver.find_element(By.CSS_SELECTOR, "dl time")
    expected = visitor.driver.execute_script(
        "return new Date(arguments[0]).toLocaleTimeString(undefined, "
        "{hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: 'Asia/Kathmandu'})",
        shown.get_attribute("datetime"),
    )
    assert expected in shown.text
    assert "UTC" not in shown.text
    title = shown.get_attribute("title") or ""
    assert "5:45" in title or "Nepal" in title


def test_html_of_strangers_runs_nothing_and_shows_its_own_images(world: World, visitor: Visitor) -> None:
    message = receive(world, world.alice, letter_with_everything())
    visitor.resize(1440)
    visitor.log_in("alice", world.password)
    visitor.go(f"/mail/{message.mailbox_id}/{message.uid}/")
    visitor.driver.switch_to.frame(visitor.driver.find_element(By.CSS_SELECTOR, "iframe.html"))
    assert "Rich words" in visitor.texts("body")[0]
    image = visitor.driver.find_element(By.TAG_NAME, "img")
    assert image.get_property("naturalWidth") == 1
    assert visitor.driver.execute_script("return self.origin") == "null"
    visitor.driver.switch_to.default_content()


def test_pages_work_without_javascript(world: World, visitor: Visitor) -> None:
    assert world.admin
    furnish_admin(world)
    visitor.resize(360)
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visitor.log_in("alice", world.password)
        assert "UTC" in visitor.texts("time")[0]
        visitor.driver.find_element(By.CSS_SELECTOR, "a[rel=next]").click()
        visitor.wait_for("a[rel=prev]", ["← Newer"])
        visitor.log_in("admin", world.password)
        visitor.go("/admin/delivery/route/")
        visitor.wait_for("td.field-recipients", ["1.example", "2.example"])
        visitor.driver.find_element(By.CSS_SELECTOR, ".move button[title='Move down']").click()
        visitor.wait_for("td.field-recipients", ["2.example", "1.example"])
        visitor.go(f"/admin/mail/account/{world.alice.pk}/change/")
        visitor.driver.find_element(By.NAME, "destinations-1-address").send_keys("a2@example.org", Keys.ENTER)
        visitor.wait_for("h1", ["Accounts"])
        assert world.alice.destinations.filter(localpart="a2").exists()
    finally:
        visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_one_logs_in_with_a_code(world: World, visitor: Visitor) -> None:
    login = world.alice.login
    factor = begin(login)
    secret = secret_of(factor)
    codes = confirm(factor, totp.code_at(secret, totp.step_of(clock.now())))
    assert codes
    for width, dark in SCREENS:
        visitor.resize(width, dark=dark)
        visitor.driver.delete_all_cookies()
        visitor.go("/login/")
        visitor.driver.switch_to.active_element.send_keys("alice", Keys.TAB, world.password, Keys.ENTER)
        visitor.wait_for("h1", ["One more step"])
        visitor.check("/login/code/", f"login-code{'-dark' if dark else ''}")
        visitor.driver.switch_to.active_element.send_keys(codes.pop(), Keys.ENTER)
        visitor.wait_for("h1", ["Inbox"])
        visitor.check("/account/second-factor/", f"second-factor-on{'-dark' if dark else ''}")
