"""axe-core, which looks at a page for what keeps people with disabilities from using it."""

from dataclasses import dataclass
from pathlib import Path

from selenium.webdriver import Chrome

from tests.world.npm import node_modules

VERSION = "4.10.3"
_GRAVE = ("serious", "critical")
_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {iframes: false, preload: false, resultTypes: ['violations']}).then(
  found => done(found.violations.map(one => [one.id, one.impact, one.nodes.map(node => node.html)])),
  error => done([['axe', 'critical', [String(error)]]]));
"""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a page breaks, and the elements that do."""

    rule: str
    elements: tuple[str, ...]


def source() -> str:
    """The program; it starts with "?" when it can't be had, and then says why."""
    modules = node_modules("axe-core", VERSION)
    return f"?{modules}" if isinstance(modules, str) else Path(modules, "axe-core", "axe.min.js").read_text()


def grave_violations(driver: Chrome, program: str) -> list[Violation]:
    """What is serious or critical about the page that is open."""
    driver.execute_script(program)
    found = driver.execute_async_script(_RUN)
    return [
        Violation(rule, tuple(html[:200] for html in elements[:3]))
        for rule, impact, elements in found
        if impact in _GRAVE
    ]
