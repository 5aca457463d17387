"""The page of websites fits every screen, and rows are dragged where JavaScript runs."""

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.visitor import Visitor
from tests.configfile.applying import apply
from tests.configfile.example import EXAMPLE
from tests.world.world import World
from webserver.models import WebHandler

pytestmark = [pytest.mark.only_database("sqlite"), pytest.mark.external, pytest.mark.long]

WEBSITES = "/admin/websites/"


def _open_fields(driver: WebDriver) -> list[WebElement]:
    """Of a handler that was just added, as soon as the page is there that shows it."""
    return driver.find_elements(By.CSS_SELECTOR, "details[open] [name$='-s_strip_prefix']")


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1440, False), (1440, True)])
def test_websites_fit_the_screen(world: World, visitor: Visitor, width: int, dark: bool) -> None:
    assert world.admin
    apply(EXAMPLE)
    visitor.resize(width, dark=dark)
    visitor.log_in("admin", world.password)
    suffix = "-dark" if dark else ""
    visitor.check(WEBSITES, f"websites{suffix}")
    visitor.driver.find_element(By.CSS_SELECTOR, "button[value='add static']").click()
    added = WebDriverWait(visitor.driver, 30).until(_open_fields)
    added[-1].send_keys("app")
    visitor.driver.find_element(By.CSS_SELECTOR, ".save-all button").click()
    visitor.wait_for(".errornote", ["Nothing is saved yet: correct what is marked below."])
    visitor.keep_picture(f"websites-wrong{suffix}")
    visitor.check("/admin/websites/explain/?url=http://www.example.org/app/x?y", f"websites-explain{suffix}")
    visitor.go(WEBSITES)
    visitor.driver.find_element(By.CSS_SELECTOR, "button[value='preview']").click()
    visitor.wait_for("h1", ["What this changes"])
    visitor.keep_picture(f"websites-preview{suffix}")


def test_a_handler_is_dragged_to_another_place(world: World, visitor: Visitor) -> None:
    assert world.admin
    apply(EXAMPLE)
    order = [row.pk for row in WebHandler.objects.all()]
    visitor.resize(1440)
    visitor.log_in("admin", world.password)
    visitor.go(WEBSITES)
    visitor.driver.execute_script(
        """
        const rows = [...document.querySelectorAll("ol.handlers > li")];
        const transfer = new DataTransfer();
        const event = (name, y) => new DragEvent(
            name, { bubbles: true, cancelable: true, dataTransfer: transfer, clientY: y });
        const grip = rows[0].querySelector(".grip");
        const below = rows[1].getBoundingClientRect().bottom + 2;
        grip.dispatchEvent(event("dragstart", 0));
        rows[1].dispatchEvent(event("dragover", below));
        rows[1].dispatchEvent(event("drop", below));
        grip.dispatchEvent(event("dragend", below));
        """
    )
    visitor.driver.find_element(By.CSS_SELECTOR, ".save-all button").click()
    save = visitor.driver.find_elements(By.CSS_SELECTOR, "button[value='save']")
    if visitor.texts("h1") == ["What this changes"]:
        save[0].click()
    visitor.wait_for(".note.success", ["Saved. Every process follows within a second."])
    assert [row.pk for row in WebHandler.objects.all()] == [order[1], order[0], *order[2:]]


def test_websites_are_moved_and_saved_without_javascript(world: World, visitor: Visitor) -> None:
    assert world.admin
    apply(EXAMPLE)
    order = [row.pk for row in WebHandler.objects.all()]
    visitor.resize(360)
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visitor.log_in("admin", world.password)
        visitor.go(WEBSITES)
        down = visitor.driver.find_element(
            By.CSS_SELECTOR, "ol.handlers > li .move button[title='Move down']"
        )
        down.click()
        # Else the button below may be looked for in the page that is about to go.
        WebDriverWait(visitor.driver, 30, ignored_exceptions=[WebDriverException]).until(staleness_of(down))
        visitor.driver.find_element(By.CSS_SELECTOR, "button[value='preview']").click()
        visitor.wait_for("h1", ["What this changes"])
        visitor.driver.find_element(By.CSS_SELECTOR, "form .actions button[value='save']").click()
        visitor.wait_for(".note.success", ["Saved. Every process follows within a second."])
    finally:
        visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert [row.pk for row in WebHandler.objects.all()] == [order[1], order[0], *order[2:]]
