"""/metrics: what all processes of this machine have counted, and how the queue stands."""

import logging
import threading

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

import delivery.metrics  # defines what delivery counts
import webserver.metrics  # noqa: F401 - and what the web server does
from delivery.queue.figures import QueueFigures, queue_figures
from mail import clock
from mail.ip_address import is_loopback
from mail.metrics.exposition import CONTENT_TYPE, exposition
from mail.metrics.files import collect
from mail.metrics.registry import gauge, metrics
from mail.metrics.sums import Sums
from moxsite.pages.client_address import client_address

log = logging.getLogger(__name__)

PROCESSES = gauge("moxsite_processes", "Processes that run now, by role.", ("role",))

CACHE_SECONDS = 5.0
"""How old the figures of the queue may be: whoever asks often costs the database no more."""

MOST_OF_THE_TIME = 20
"""So many times as long as they took to find, the figures are kept at least."""

_FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_TRUE_CLIENT_IP", "HTTP_CF_CONNECTING_IP")


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """The text that Prometheus reads. For others than programs on this machine there is no such page."""
    if not is_local(request):
        raise Http404
    every = list(metrics.values())
    gauges = frozenset(metric.name for metric in every if metric.kind == "gauge")
    collected = collect(settings.DATA / "run" / "metrics", gauges)
    sums = collected.sums
    sums[PROCESSES.name] = {(role,): float(count) for role, count in collected.roles.items()}
    sums.update(_queue(_figures.current()))
    return HttpResponse(exposition(every, sums), content_type=CONTENT_TYPE)


def is_local(request: HttpRequest) -> bool:
    """Whether a program on this machine asks for itself: from loopback, by a name of loopback, no proxy.

    By the socket of this machine only the edge comes, which lets nobody pass who came through a proxy, and
    tells the client's address.
    """
    by_edge = not request.META.get("REMOTE_ADDR")
    if any(name in _FORWARDED for name in request.META):
        return False
    if not by_edge and any(name.startswith("HTTP_X_FORWARDED") for name in request.META):
        return False
    host = request.META.get("HTTP_HOST", "")
    name = host.partition("]")[0].strip("[") if host.startswith("[") else host.rpartition(":")[0] or host
    return is_loopback(client_address(request)) and (name.lower() == "localhost" or is_loopback(name))


def _queue(figures: QueueFigures) -> Sums:
    return {
        delivery.metrics.OLDEST_DUE.name: {(): figures.oldest_due_age / clock.SECOND},
        delivery.metrics.QUEUE.name: {
            ("waiting",): float(figures.waiting),
            ("due",): float(figures.due),
            ("held",): float(figures.held),
        },
    }


class _Cached:
    """The figures of the queue, asked for anew when they are too old; by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._figures: QueueFigures | None = None
        self._until = 0.0

    def current(self) -> QueueFigures:
        """The figures, a few seconds old at most, or older in a very large database."""
        with self._lock:
            if self._figures is None or clock.monotonic() >= self._until:
                began = clock.monotonic()
                self._figures = queue_figures()
                now = clock.monotonic()
                self._until = now + max(CACHE_SECONDS, MOST_OF_THE_TIME * (now - began))
            return self._figures

    def forget(self) -> None:
        """Ask the database the next time."""
        self._until = 0.0


_figures = _Cached()
