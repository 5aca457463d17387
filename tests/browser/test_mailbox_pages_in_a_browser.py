from itertools import pairwise

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mail.models import Flag
from mail.store.flags import SetFlags
from tests.browser.visitor import Visitor
from tests.pages.visiting import letter_with_everything, receive
from tests.world.indexing import index
from tests.world.mailboxes import fill, named, subjects_in
from tests.world.world import World

pytestmark = [pytest.mark.external, pytest.mark.only_database("sqlite"), pytest.mark.long]

SCREENS = [(360, False), (1440, False), (360, True), (1440, True)]

UNLABELLED = """
return [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
  .filter(element => !element.labels?.[0]?.textContent.trim()
    && !element.getAttribute('aria-label') && !element.textContent.trim()
    && !element.querySelector('img[alt]'))
  .map(element => element.outerHTML.slice(0, 120))
"""
HEADINGS = "return [...document.querySelectorAll('main h1, main h2, main h3')].map(h => Number(h.tagName[1]))"


def check(visitor: Visitor, path: str, name: str) -> None:
    """What the visitor checks; and everything has a name, and headings leave out no level."""
    visitor.check(path, name)
    assert visitor.driver.execute_script(UNLABELLED) == []
    levels = visitor.driver.execute_script(HEADINGS)
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in pairwise(levels)), levels


def furnish(world: World) -> dict[str, str]:
    fill(world, world.alice, *(f"Letter {number} with a long subject about numbers" for number in range(55)))
    receive(world, world.alice, letter_with_everything())
    fill(world, world.alice, "Old numbers", mailbox="Lists/Python/2026")
    fill(world, world.alice, "Rubbish", "More rubbish", mailbox="Trash")
    inbox = named(world.alice, "Inbox").pk
    marked = SetFlags(world.alice.pk, inbox, (54, 52), add=Flag.SEEN | Flag.FLAGGED, add_keywords=("work",))
    world.writer.submit(marked).result()
    world.writer.submit(SetFlags(world.alice.pk, inbox, (51, 50, 49), add=Flag.SEEN)).result()
    world.alice.quota_mb = 1
    world.alice.save()
    for own, parent, box in (("a", "x", "Inbox"), ("b", "a", "Sent"), ("c", "b", "Archive")):
        fields = f"Subject: Talk\r\nMessage-ID: <{own}@x>\r\nReferences: <a@x> <{parent}@x>\r\n\r\nText."
        receive(world, world.alice, fields.encode(), box)
    index(world)
    lists = named(world.alice, "Lists/Python/2026").pk
    return {
        "list": "/",
        "list-conversations": f"/mail/{inbox}/?conversations=1",
        "list-trash": f"/mail/{named(world.alice, 'Trash').pk}/?conversations=0",
        "list-none": f"/mail/{inbox}/?show=starred&before=1&uid=1",
        "search": "/mail/search/?q=numbers",
        "search-none": "/mail/search/?q=is:odd+nothing",
        "talk": f"/mail/{named(world.alice, 'Archive').pk}/1/",
        "marked": f"/mail/{inbox}/54/",
        "source": f"/mail/{inbox}/54/source/",
        "export": "/export/",
        "mailboxes": "/mail/mailboxes/",
        "mailbox-change": f"/mail/mailboxes/{lists}/",
        "mailbox-delete": f"/mail/mailboxes/{lists}/delete/",
    }


def test_mailbox_pages_fit_every_screen_and_everything_has_a_name(world: World, visitor: Visitor) -> None:
    pages = furnish(world)
    for width, dark in SCREENS:
        visitor.resize(width, dark=dark)
        visitor.log_in("alice", world.password)
        for name, path in pages.items():
            check(visitor, path, f"{name}{'-dark' if dark else ''}")


def test_messages_are_picked_and_moved_with_a_finger(world: World, visitor: Visitor) -> None:
    fill(world, world.alice, "one", "two", "three")
    visitor.resize(360)
    visitor.log_in("alice", world.password)
    boxes = visitor.driver.find_elements(By.CSS_SELECTOR, "td.pick label")
    boxes[0].click()
    boxes[2].click()
    visitor.keep_picture("picked")
    visitor.driver.find_element(By.CSS_SELECTOR, "button[value=archive]").click()
    visitor.wait_for(".note.success", ["2 messages were moved to Archive."])
    assert subjects_in(world, world.alice) == ["two"]
    visitor.driver.find_element(By.CSS_SELECTOR, "td.star button").click()
    visitor.wait_for(".note.success", ["1 message was starred."])


def test_deleting_for_good_asks_with_the_count(world: World, visitor: Visitor) -> None:
    fill(world, world.alice, "one", "two", mailbox="Trash")
    visitor.resize(1440)
    visitor.log_in("alice", world.password)
    visitor.go(f"/mail/{named(world.alice, 'Trash').pk}/")
    visitor.driver.find_element(By.CSS_SELECTOR, "th.pick input").click()
    visitor.driver.find_element(By.CSS_SELECTOR, "button[value=delete]").click()
    visitor.wait_for("h1", ["Delete 2 messages for good?"])
    visitor.keep_picture("question")
    visitor.driver.find_element(By.CSS_SELECTOR, "main button.danger").click()
    visitor.wait_for(".note.success", ["2 messages were deleted for good."])


def test_one_searches_with_the_keyboard(world: World, visitor: Visitor) -> None:
    fill(world, world.alice, "number one", "other")
    index(world)
    visitor.resize(1440)
    visitor.log_in("alice", world.password)
    visitor.driver.find_element(By.NAME, "q").send_keys("subject:number", Keys.ENTER)
    visitor.wait_for("td.place", ["Inbox"])


def test_a_list_is_worked_through_with_single_keys(world: World, visitor: Visitor) -> None:
    fill(world, world.alice, "one", "two", "three")
    visitor.resize(1440)
    visitor.log_in("alice", world.password)

    def press(*keys: str) -> None:
        for key in keys:
            visitor.driver.switch_to.active_element.send_keys(key)

    press("?")
    visitor.wait_for("dialog h2", ["Keys"])
    visitor.keep_picture("keys")
    press(Keys.ESCAPE)
    press("j", "j", "s")
    visitor.wait_for(".note.success", ["1 message was starred."])
    press("j", "x", "j", "j", "x", "e")
    visitor.wait_for(".note.success", ["2 messages were moved to Archive."])
    assert subjects_in(world, world.alice) == ["two"]
    press("j", Keys.ENTER)
    visitor.wait_for("h1", ["two"])
    press("#")
    visitor.wait_for(".note.success", ["1 message was moved to Trash."])
    press("/", "s")
    assert visitor.driver.switch_to.active_element.get_property("value") == "s"


def test_ticking_a_mailbox_exports_only_that(world: World, visitor: Visitor) -> None:
    fill(world, world.alice, "one")
    visitor.resize(1440)
    visitor.log_in("alice", world.password)
    visitor.go("/export/")
    visitor.driver.find_element(By.NAME, "box").click()
    (radio,) = visitor.driver.find_elements(By.CSS_SELECTOR, "input[name=what]:checked")
    assert radio.get_attribute("value") == "mailboxes"
    visitor.driver.find_element(By.NAME, "box").click()
    (radio,) = visitor.driver.find_elements(By.CSS_SELECTOR, "input[name=what]:checked")
    assert radio.get_attribute("value") == "all"
