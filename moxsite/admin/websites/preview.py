"""What saving would change: in the configuration, and for what was asked for lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from mail.configuration.snapshot import InvalidConfiguration
from moxsite.admin.websites.checking import Wanted
from webserver.configuration.doubts import handler_doubts
from webserver.configuration.sections import compile_value, compile_web, own_hosts
from webserver.explain.lines import answering
from webserver.recent.asked import AskedFor, asked_lately
from webserver.routing.decision import decide
from webserver.routing.values import WebSnapshot, web_snapshot

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class ChangedPath:
    """A URL that was asked for in the last 24 hours and would get another answer."""

    asked: AskedFor
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class WebEffects:
    """All that saving would do. `paths` are the first ones of `changed`, of `looked_at` in all."""

    lines: Sequence[str]
    doubts: Sequence[str]
    paths: Sequence[ChangedPath]
    changed: int
    looked_at: int

    @property
    def needs_consent(self) -> bool:
        """Whether somebody should see this before it happens."""
        return bool(self.changed or (self.doubts and self.lines))

    @property
    def digest(self) -> str:
        """What was agreed to, in short."""
        paths = [(each.asked.host, each.asked.path, each.before, each.after) for each in self.paths]
        return sha256(repr((self.lines, self.doubts, paths)).encode()).hexdigest()[:32]


def web_effects(lines: Sequence[str], wanted: Wanted) -> WebEffects:
    """Compare who answers now with who would answer."""
    doubts = [text for _, text in handler_doubts([entry.value for entry in wanted.entries], wanted.redirects)]
    try:
        present = compile_web()
    except InvalidConfiguration:
        return WebEffects(lines, doubts, (), 0, 0)
    coming = _coming(wanted, present)
    asked = asked_lately()
    changed = [
        ChangedPath(each, before, after)
        for each in asked
        if (before := _answer(present, each)) != (after := _answer(coming, each))
    ]
    return WebEffects(lines, doubts, changed[:SHOWN], len(changed), len(asked))


def _coming(wanted: Wanted, present: WebSnapshot) -> WebSnapshot:
    handlers = [
        compile_value(entry.row or -1, entry.value) for entry in wanted.entries if not entry.value.disabled
    ]
    return web_snapshot(wanted.redirects, tuple(handlers), own_hosts(), present.mail_domains)


def _answer(web: WebSnapshot, asked: AskedFor) -> str:
    """Who answers, by configuration alone, and where the request goes."""
    decision = decide(web, asked.request())
    target = decision.deciding.target
    return f"{answering(decision)} → {target}" if target else answering(decision)
