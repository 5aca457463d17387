"""axe on every page of the URL map, on a telephone in the dark and on a wide screen."""

import pytest
from django.test import override_settings
from selenium.webdriver import Chrome

from delivery.models import Route
from delivery.queue.holding_operations import RuleText, add_hold_rule
from delivery.queue.suppression_lists import add_suppression
from importer.models import State
from mail import clock
from mail.identity.passwords import add_app_password
from mail.models import Login, LoginAttempt, LogLevel
from moxsite.models import AuditEntry, ConfigurationVersion
from tests.browser import axe
from tests.browser.every_page import pages
from tests.browser.test_pages_in_a_browser import furnish, furnish_admin
from tests.browser.visitor import Visitor
from tests.importing.mailfiles import mbox, run, uploaded
from tests.pages.visiting import visit_as
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = [pytest.mark.external, pytest.mark.only_database("sqlite"), pytest.mark.long]

SCREENS = [(360, True), (1440, False)]


@pytest.fixture(scope="session")
def program() -> str:
    found = axe.source()
    if found.startswith("?"):
        pytest.skip(found[1:])
    return found


def complaints(
    visitor: Visitor, driver: Chrome, program: str, login: Login, password: str, found: dict[str, str]
) -> dict[str, list[axe.Violation]]:
    """What is wrong with these pages, by their names and screens."""
    wrong: dict[str, list[axe.Violation]] = {}
    for width, dark in SCREENS:
        visitor.resize(width, dark=dark)
        visitor.log_in(login.name, password)
        for name, path in found.items():
            violations = []
            try:
                visitor.check(path, f"every-{name.replace(':', '-')}{'-dark' if dark else ''}")
            except AssertionError as error:
                violations.append(axe.Violation("fits the screen without complaint", (str(error),)))
            violations += axe.grave_violations(driver, program)
            if violations:
                wrong[f"{name} at {width}"] = violations
    return wrong


def test_axe_finds_nothing_grave_on_pages_of_an_account(
    world: World, visitor: Visitor, driver: Chrome, program: str
) -> None:
    login = world.alice.login
    furnish(world)
    add_app_password(login, "phone")
    add_suppression(world.alice, "carol@remote.example", "moved")
    row = run(world, uploaded(world.alice, "x.mbox", mbox(range(3)), mapping={"*": "New"}))
    assert row.state == State.DONE
    message = world.messages(world.alice)[-1]
    found = pages(
        visit_as(login),
        {
            "mailbox_id": message.mailbox_id,
            "uid": message.uid,
            "number": 1,
            "message_id": world.alice.queued_messages.earliest("id").pk,
            "token": row.token,
            "entry_id": world.alice.suppressions.get().pk,
            "credential_id": login.credentials.get(label="phone").pk,
            "mail-mailbox-change mailbox_id": world.alice.mailboxes.get(name="New").pk,
            "mail-mailbox-delete mailbox_id": world.alice.mailboxes.get(name="New").pk,
        },
        admin=False,
    )
    found.pop("login", None)
    assert len(found) > 16
    assert complaints(visitor, driver, program, login, world.password, found) == {}


@override_settings(MOXSITE_ACME_DIRECTORY="letsencrypt")
def test_axe_finds_nothing_grave_on_pages_of_the_admin(
    world: World, visitor: Visitor, driver: Chrome, program: str
) -> None:
    known = furnish_admin(world)
    queue_letter(world, "a@remote.example", "b@remote.example")
    add_hold_rule(RuleText(recipient_domain="remote.example", reason="audit"))
    add_suppression(world.alice, "carol@remote.example", "moved")
    LogLevel(package="delivery.smtp", level="debug").save()
    LoginAttempt.objects.create(
        key=b"1", login_name="root", ip="192.0.2.7", client="192.0.2.7", protocol="smtp", mechanism="PLAIN",
        result=LoginAttempt.Result.UNKNOWN, first=clock.now(), last=clock.now(), count=7,
    )  # fmt: skip
    assert AuditEntry.objects.exists()
    version = ConfigurationVersion.objects.earliest("generation")
    found = pages(
        visit_as(world.admin),
        {
            "domain_id": world.example_org.pk,
            "transport_id": known["transport-test"].split("/")[-3],
            "generation": version.generation,
            "direction": "up",
            "route_id": Route.objects.earliest("id").pk,
            "app_label": "mail",
        },
        admin=True,
    )
    found |= {f"admin:{name}": path for name, path in known.items() if "?" in path}
    assert len(found) > 35
    assert complaints(visitor, driver, program, world.admin, world.password, found) == {}


def test_axe_finds_nothing_grave_where_nobody_is_logged_in(
    world: World, visitor: Visitor, driver: Chrome, program: str
) -> None:
    assert world.alice
    for width, dark in SCREENS:
        visitor.resize(width, dark=dark)
        visitor.driver.delete_all_cookies()
        for path in ("/login/", "/login/?next=/admin/"):
            visitor.check(path, "every-login")
            assert axe.grave_violations(driver, program) == []
        visitor.go("/there/is/no/such/page")
        assert axe.grave_violations(driver, program) == []
        driver.get_log("browser")  # type: ignore[no-untyped-call] # it says that there is no such page
