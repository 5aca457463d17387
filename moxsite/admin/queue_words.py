"""How a recipient stands, in words for the queue's pages."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from delivery.models import QueuedRecipient, State
from mail import clock
from moxsite.pages.words import counted, state_chip
from moxsite.templatetags.words import chip_tag, moment


def state_words(row: QueuedRecipient) -> SafeString:
    """The state as a chip; why it is held, and until when."""
    chip = chip_tag(state_chip(row))
    if not row.held or row.state != State.WAITING:
        return chip
    until = format_html("until {}", moment(row.held_until)) if row.held_until is not None else ""
    return format_html('{} <span class="soft small">{} {}</span>', chip, row.hold_reason, until)


def next_attempt_words(row: QueuedRecipient) -> SafeString:
    """When it is tried again: “in 12 min”, with the exact time on hover."""
    now = clock.now()
    if row.state != State.WAITING or row.due is None:
        return format_html("{}", "–")
    if row.held:
        return format_html("{}", "after its release")
    if row.lease_until > now:
        return format_html("{}", "under way")
    then = clock.as_datetime(row.due)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        f"{then:%Y-%m-%dT%H:%M:%S}Z",
        f"{then:%Y-%m-%d %H:%M:%S} UTC",
        _distance(row.due - now),
    )


def _distance(ahead: int) -> str:
    if abs(ahead) < clock.MINUTE:
        return "now" if ahead <= 0 else "within a minute"
    return f"in {coarse_text(ahead)}" if ahead > 0 else f"due for {coarse_text(-ahead)}"


def coarse_text(microseconds: int) -> str:
    """A duration to the minute: 12 min, 3 h 20 min, 2 days."""
    minutes = max(1, microseconds // clock.MINUTE)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return counted(hours // 24, "day")
