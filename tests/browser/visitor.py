"""What the tests do in the browser, and what every page must fulfil there."""

import base64
import os
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

_OVERFLOWING = """
return [...document.querySelectorAll('body *')]
  .filter(element => element.getBoundingClientRect().right > window.innerWidth + 1)
  .slice(0, 3).map(element => element.tagName + '.' + element.className)
"""


class Visitor:
    """Somebody with a browser. With MOXSITE_SCREENSHOTS set, pages are kept as pictures in that folder."""

    def __init__(self, driver: Chrome, base: str) -> None:
        self.driver = driver
        self.base = base
        self.width = 1440

    def resize(self, width: int, *, dark: bool = False) -> None:
        """A screen of this width, light or dark."""
        self.width = width
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def log_in(self, name: str, password: str) -> None:
        """Log in by the form, as somebody new."""
        self.driver.delete_all_cookies()
        self.go("/login/")
        self.driver.find_element(By.NAME, "username").send_keys(name)
        self.driver.find_element(By.NAME, "password").send_keys(password)
        self.driver.find_element(By.CSS_SELECTOR, "main button").click()
        self.wait_for(".who button", ["Log out"])

    def go(self, path: str) -> None:
        """Open a page."""
        self.driver.get(self.base + path)

    def texts(self, selector: str) -> list[str]:
        """The visible text of all elements that match."""
        return [element.text for element in self.driver.find_elements(By.CSS_SELECTOR, selector)]

    def wait_for(self, selector: str, texts: list[str]) -> None:
        """Until all elements that match have these texts."""
        seen: list[str] = []

        def arrived(_: object) -> bool:
            seen[:] = self.texts(selector)
            return seen == texts

        # The document may be replaced while it is read, which the driver tells in more than one way.
        waiting = WebDriverWait(self.driver, 30, ignored_exceptions=[WebDriverException])
        waiting.until(arrived, f"{selector}: {seen}")

    def check(self, path: str, name: str) -> None:
        """Open a page, which must fit the screen and say nothing in the console."""
        self.go(path)
        self.keep_picture(name)
        excess = self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert excess <= 0, (path, self.width, self.driver.execute_script(_OVERFLOWING))
        complaints = [entry["message"] for entry in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]
        assert not complaints, (path, complaints)

    def keep_picture(self, name: str) -> None:
        """Save what the page looks like, if somebody wants to see it."""
        folder = os.environ.get("MOXSITE_SCREENSHOTS")
        if not folder:
            return
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}-{self.width}.png").write_bytes(base64.b64decode(picture["data"]))
