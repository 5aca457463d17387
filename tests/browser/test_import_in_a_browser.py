"""Bringing mail in with a browser: upload, preview, progress that survives reloads, abort, and the end."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from importer.engine import batch, progress
from importer.jobs import work
from importer.models import Import, State
from importer.staging.lease import LeaseImport
from importer.uploads import Wanted, begin_upload, take_slice
from mail.store.write import Write
from mail.store.writer import Writer
from tests.browser.visitor import Visitor
from tests.importing.mailfiles import everything, mbox, run
from tests.world.ports import free_port
from tests.world.waiting import wait_until
from tests.world.workers import ProcessUnderTest
from tests.world.world import World

pytestmark = [pytest.mark.external, pytest.mark.only_database("sqlite"), pytest.mark.long]


class PausingWriter:
    """Lets some writes through and then waits until it may go on."""

    def __init__(self, writer: Writer, before: int) -> None:
        self._writer = writer
        self._left = before
        self.go_on = threading.Event()

    def submit(self, write: Write) -> "Future[Any]":
        self._left -= 1
        if self._left < 0:
            assert self.go_on.wait(60)
        return self._writer.submit(write)


@pytest.fixture
def visitor(world: World, driver: Chrome) -> Iterator[Visitor]:
    """Somebody in front of the pages as they are served, streams included."""
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "moxsite.asgi:application"]
    environment = world.child_environment(MOXSITE_DATA=str(settings.DATA))
    server = ProcessUnderTest(command, environment, world.folder / "pages.log")
    try:
        wait_until(lambda: "Listening on TCP" in server.log.read_text(), "the pages are served")
        driver.get_log("browser")  # type: ignore[no-untyped-call] # what earlier visits left
        yield Visitor(driver, f"http://127.0.0.1:{port}")
    finally:
        server.process.kill()
        server.stop()


@contextmanager
def working_until(world: World, row: Import, writes: int) -> Iterator[None]:
    """A worker that is in the middle of the import as long as the block runs."""
    row.refresh_from_db()
    token = world.writer.submit(LeaseImport(row.pk, row.account_id)).result()
    writer = PausingWriter(world.writer, writes)
    arguments = (row.pk, token, writer, threading.Event())
    thread = threading.Thread(target=_work, args=arguments)
    thread.start()
    try:
        yield
    finally:
        writer.go_on.set()
        thread.join(60)


def _work(*arguments: Any) -> None:
    from django.db import connection

    try:
        work(*arguments)
    finally:
        connection.close()


def choose(visitor: Visitor, file: Path) -> None:
    visitor.driver.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(str(file))
    visitor.driver.find_element(By.CSS_SELECTOR, "form.upload button").click()


def uploaded(visitor: Visitor, file: Path) -> Import:
    """Upload it on the page; the import's own page follows."""
    visitor.go("/import/")
    choose(visitor, file)
    wait_until(lambda: Import.objects.filter(state=State.SCANNING).exists(), "the upload is complete")
    visitor.wait_for("[data-step]", ["Looking at what is in it"])
    return Import.objects.get(state=State.SCANNING)


def decided(world: World, visitor: Visitor, row: Import, mailbox: str) -> None:
    """The preview comes by itself; choose a mailbox there."""
    run(world, row)
    visitor.wait_for("h2", ["Where it goes"])
    visitor.keep_picture("import-preview")
    field = visitor.driver.find_element(By.NAME, "mailbox-0")
    field.clear()
    field.send_keys(mailbox)
    visitor.driver.find_element(By.CSS_SELECTOR, "form[action$='start/'] button").click()
    visitor.wait_for("[data-step]", ["Bringing in the mail"])


@pytest.mark.parametrize("width", [360, 1440])
def test_one_uploads_decides_watches_and_aborts(
    world: World, visitor: Visitor, width: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "MESSAGES", 10)
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)
    name = "<i>Travel</i>.mbox"
    (tmp_path / "files").mkdir()
    file = tmp_path / "files" / name.replace("/", "\N{FRACTION SLASH}")
    file.write_bytes(mbox(range(200)))
    visitor.resize(width)
    visitor.log_in("alice" if world.alice else "", world.password)
    visitor.check("/import/", "import")
    row = uploaded(visitor, file)
    visitor.keep_picture("import-reading")
    decided(world, visitor, row, "Old/<b>Letters</b>")
    with working_until(world, row, 12):
        visitor.wait_for("[data-counts] th[scope=row]", ["Old/<b>Letters</b>"])
        shown = visitor.texts("[data-counts] td")
        visitor.keep_picture("import-running")
        visitor.driver.refresh()
        visitor.wait_for("[data-counts] td", shown)
        visitor.go("/import/")
        visitor.driver.refresh()  # leads back to what is under way
        visitor.wait_for("[data-counts] td", shown)
        visitor.log_in("alice", world.password)  # as from another browser: a new session
        visitor.go("/import/")
        visitor.driver.find_element(By.CSS_SELECTOR, "table.imports a").click()
        visitor.wait_for("[data-counts] td", shown)
        visitor.driver.find_element(By.CSS_SELECTOR, "form[action$='abort'] button").click()
        visitor.wait_for("p.note", ["You aborted it. Nothing was brought in."])
        visitor.keep_picture("import-aborted")
    assert everything(world.alice) == []
    visitor.check("/import/", "import-past")


def test_the_end_comes_to_the_page_by_itself(world: World, visitor: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "Travel.mbox"
    file.write_bytes(mbox(range(30)) + b"From nobody\n\n")
    visitor.resize(1440)
    visitor.log_in("alice" if world.alice else "", world.password)
    row = uploaded(visitor, file)
    decided(world, visitor, row, "Travel")
    run(world, row)
    visitor.wait_for("h1", ["Travel.mbox"])
    visitor.wait_for(".chip", ["done"])
    visitor.keep_picture("import-done")
    assert len(world.messages(world.alice, "Travel")) >= 30
    visitor.driver.find_element(By.CSS_SELECTOR, "form[action$='undo/'] button").click()
    visitor.wait_for(".chip", ["undone"])
    assert everything(world.alice) == []


def test_an_upload_that_broke_off_goes_on(world: World, visitor: Visitor, tmp_path: Path) -> None:
    data = mbox(range(30))
    file = tmp_path / "Travel.mbox"
    file.write_bytes(data)
    row = begin_upload(world.alice, Wanted("Travel.mbox", len(data), preview=True))
    take_slice(row, 0, data[:5000])
    visitor.resize(360)
    visitor.log_in("alice", world.password)
    visitor.check(f"/import/{row.token}/", "import-go-on")
    other = tmp_path / "Other.mbox"
    other.write_bytes(b"x")
    choose(visitor, other)
    wait_until(lambda: "another file" in visitor.texts("[data-upload-error]")[0], "the wrong file is refused")
    choose(visitor, file)
    visitor.wait_for("[data-step]", ["Looking at what is in it"])
    assert Path(row.path).read_bytes() == data


def test_a_form_without_javascript_does_it_too(world: World, visitor: Visitor, tmp_path: Path) -> None:
    file = tmp_path / "Travel.mbox"
    file.write_bytes(mbox(range(3)))
    visitor.resize(1440)
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visitor.log_in("alice" if world.alice else "", world.password)
        visitor.go("/import/")
        choose(visitor, file)
        visitor.wait_for(".chip", ["reading"])
        run(world, Import.objects.get())
        visitor.wait_for("h2", ["Where it goes"])
        visitor.driver.find_element(By.CSS_SELECTOR, "form[action$='start/'] button").click()
        visitor.wait_for(".chip", ["running"])
        run(world, Import.objects.get())
        visitor.wait_for(".chip", ["done"])
    finally:
        visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(world.messages(world.alice, "Travel")) == 3
