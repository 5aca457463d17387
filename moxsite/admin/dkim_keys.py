"""The keys that sign the mail of a domain: what its page shows of them, and what its buttons do."""

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from mail import clock
from mail.configuration.dkim import activate, make_keys, retire
from mail.dkim.keys import ALGORITHMS
from mail.dkim.record import zone_line
from mail.models import DkimKey, Domain
from moxsite.pages.cursor import HIGHEST
from moxsite.pages.words import Chip

_CHIPS: Final = {
    DkimKey.State.PREPARED.value: Chip("prepared", "amber"),
    DkimKey.State.SIGNING.value: Chip("signing", "green"),
    DkimKey.State.RETIRED.value: Chip("retired", "grey"),
}


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key on the page of its domain. `since` is when it came to its state, as far as that is known."""

    id: int
    selector: str
    algorithm: str
    chip: Chip
    since: clock.Moment
    record_name: str
    record_text: str
    zone_line: str

    @property
    def signs(self) -> bool:
        """Whether it signs at present; otherwise it can be made to, or be removed."""
        return self.chip is _CHIPS[DkimKey.State.SIGNING]


def keys_of(domain: Domain) -> list[ShownKey]:
    """The keys of a domain, the oldest first."""
    return [_shown(key) for key in domain.dkim_keys.select_related("domain").order_by("id")]


def domain_keys_url(domain: Domain) -> str:
    """Where the keys of the domain are shown."""
    return reverse("admin:mail_domain_change", args=[domain.pk]) + "#dkim"


@require_POST
def dkim_keys_page(request: HttpRequest, domain_id: int) -> HttpResponse:
    """Make keys, or change the one that the pressed button names. Then back to the domain's page."""
    domain = get_object_or_404(Domain, pk=min(domain_id, HIGHEST))
    if "make" in request.POST:
        made = make_keys(domain, ALGORITHMS)
        names = " and ".join(key.selector for key in made)
        messages.success(request, f"{names} sign mail from now on. Publish their records in DNS.")
    for action, perform in _ACTIONS.items():
        if number := request.POST.get(action):
            key = get_object_or_404(domain.dkim_keys, pk=_number(number))
            perform(key)
            messages.success(request, f"{key.selector} {_DONE[action]}")
    return redirect(domain_keys_url(domain))


def _remove(key: DkimKey) -> None:
    if key.state == DkimKey.State.SIGNING:
        raise Http404  # no page offers that
    key.delete()


_ACTIONS: Final = {"activate": activate, "retire": retire, "remove": _remove}


_DONE: Final = {
    "activate": "signs mail from now on.",
    "retire": "signs no more mail. Leave its record in DNS for a week, for mail that is still on its way.",
    "remove": "was removed. Its record can go from DNS.",
}


def _number(text: str) -> int:
    return min(int(text), HIGHEST) if text.isdecimal() else 0


def _shown(key: DkimKey) -> ShownKey:
    return ShownKey(
        id=key.pk,
        selector=key.selector,
        algorithm=key.get_algorithm_display(),
        chip=_CHIPS[key.state],
        since=key.retired or key.created,
        record_name=key.dns_name,
        record_text=key.dns_record,
        zone_line=zone_line(key.dns_name, key.dns_record),
    )
