"""Template filters for moments, sizes, addresses and states."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from delivery.models import Attempt, QueuedRecipient
from mail import clock
from mail.addresses.address import Address
from mail.models import Destination
from moxsite.pages import words
from moxsite.pages.causes import cause_text

register = template.Library()


@register.filter
def moment(value: int | None) -> str:
    """A moment in a list: the time today, the day before that. The browser shows it in the reader's zone."""
    if value is None:
        return ""
    then, now = clock.as_datetime(value), clock.as_datetime(clock.now())
    if then.date() == now.date():
        text = f"{then:%H:%M} UTC"
    else:
        text = f"{then.day} {then:%b}" + ("" if then.year == now.year else f" {then.year}")
    return _time(value, "brief", text)


@register.filter
def exact(value: int | None) -> str:
    """A moment with its seconds, for timelines."""
    if value is None:
        return ""
    then, now = clock.as_datetime(value), clock.as_datetime(clock.now())
    day = "" if then.date() == now.date() else f"{then.day} {then:%b} "
    return _time(value, "exact", f"{day}{then:%H:%M:%S} UTC")


@register.filter
def size(value: int) -> str:
    """Bytes in kB, MB or GB."""
    return words.size_text(value)


@register.filter
def duration(value: int) -> str:
    """Microseconds in seconds, minutes or hours."""
    return words.duration_text(value)


@register.filter
def chip(recipient: QueuedRecipient) -> SafeString:
    """How a recipient stands, as a coloured word."""
    return chip_tag(words.state_chip(recipient))


@register.filter
def chip_tag(value: words.Chip) -> SafeString:
    """A chip that is already made."""
    return format_html('<span class="chip {}">{}</span>', value.colour, value.word)


@register.filter
def cause(attempt: Attempt) -> str:
    """Why an attempt did not deliver, as a sentence."""
    return cause_text(attempt)


@register.filter
def address(value: QueuedRecipient) -> str:
    """A recipient in Unicode, with the ASCII form on hover where that differs."""
    return _shown(Address(value.localpart, value.domain))


@register.filter
def destination_address(value: Destination) -> str:
    """An address of an account, shown in the same way."""
    return _shown(Address(value.localpart, value.domain.name))


def _shown(parsed: Address) -> str:
    text, ascii_form = parsed.display(), str(parsed)
    if text == ascii_form:
        return text
    return format_html('<span title="{}">{}</span>', ascii_form, text)


def _time(value: int, style: str, text: str) -> SafeString:
    then = clock.as_datetime(value)
    return format_html(
        '<time datetime="{}" title="{}" data-moment="{}">{}</time>',
        f"{then:%Y-%m-%dT%H:%M:%S}Z",
        f"{then:%Y-%m-%d %H:%M:%S} UTC",
        style,
        text,
    )
