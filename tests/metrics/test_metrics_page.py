"""/metrics, who may read it, and the pages about it."""

import re

import pytest
from django.conf import settings
from django.http import Http404
from django.test import RequestFactory
from prometheus_client.parser import text_string_to_metric_families

import moxsite.metrics
from delivery.models import QueuedRecipient
from mail import clock
from mail.metrics.registry import metrics
from moxsite.health import healthz
from moxsite.metrics import _figures, is_local, metrics_page
from moxsite.metricsdoc import PAGE
from moxsite.metricsdoc import metrics_page as reference_page
from tests.program.running import ROOT
from tests.world.submissions import queue_letter
from tests.world.world import World

REQUEST = RequestFactory(REMOTE_ADDR="127.0.0.1", headers={"Host": "localhost:1080"})


@pytest.mark.parametrize(
    ("address", "host", "header", "allowed"),
    [
        ("127.0.0.1", "localhost:1080", "", True),
        ("127.0.0.1", "localhost", "", True),
        ("127.3.0.1", "127.0.0.1:80", "", True),
        ("::1", "[::1]:80", "", True),
        ("::ffff:127.0.0.1", "[::1]", "", True),
        ("192.0.2.1", "localhost", "", False),
        ("", "localhost", "", False),
        ("127.0.0.1", "mail.example.org", "", False),
        ("127.0.0.1", "localhost.example.org", "", False),
        ("127.0.0.1", "", "", False),
        ("127.0.0.1", "localhost", "X-Forwarded-For", False),
        ("127.0.0.1", "localhost", "X-Forwarded-Proto", False),
        ("127.0.0.1", "localhost", "Forwarded", False),
        ("127.0.0.1", "localhost", "X-Real-IP", False),
        ("127.0.0.1", "localhost", "Via", False),
    ],
)
def test_only_programs_on_this_machine_may_read_it(
    address: str, host: str, header: str, allowed: bool
) -> None:
    request = RequestFactory(REMOTE_ADDR=address).get(
        "/metrics", headers={"Host": host, **({header: "1"} if header else {})}
    )
    assert is_local(request) is allowed
    if not allowed:
        with pytest.raises(Http404):
            metrics_page(request)


@pytest.mark.only_database("sqlite")
def test_it_tells_how_the_queue_stands_and_health_fails_when_mail_is_late(world: World) -> None:
    _figures.forget()
    (row,) = queue_letter(world, "carol@remote.example")
    QueuedRecipient.objects.filter(pk=row.pk).update(due=clock.now() - 4 * clock.MINUTE)
    assert healthz(REQUEST.get("/healthz")).status_code == 200
    clock.advance(2 * clock.MINUTE)
    answer = metrics_page(REQUEST.get("/metrics"))
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    text = answer.content.decode()
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert 360 <= values["moxsite_queue_oldest_due_seconds",] < 420
    assert values["moxsite_queue_recipients", "due"] == 1
    assert values["moxsite_queue_recipients", "held"] == 0
    assert "# TYPE moxsite_delivery_duration_seconds histogram" in text
    answer = healthz(REQUEST.get("/healthz"))
    assert (answer.status_code, answer.content) == (
        503,
        b'{"status": "failing", "database": "ok", "queue": "failing"}',
    )
    assert (settings.DATA / "run" / "metrics").stat().st_mode & 0o077 == 0


def _defined_here() -> list[str]:
    return [name for name in metrics if name.startswith("moxsite_")]


def test_the_reference_page_is_current() -> None:
    assert moxsite.metrics.PROCESSES.name in metrics
    assert PAGE.read_text(encoding="utf-8") == reference_page(metrics[name] for name in _defined_here()), (
        "make docs"
    )


def test_names_follow_the_habits_of_prometheus() -> None:
    for name in _defined_here():
        metric = metrics[name]
        assert name.endswith("_total") is (metric.kind == "counter"), name
        assert name.endswith("_seconds") is (metric.kind == "histogram" or "seconds" in name), name


def test_alerts_speak_of_metrics_that_exist() -> None:
    rules = (ROOT / "docs" / "moxsite.rules.yml").read_text(encoding="utf-8")
    named = {name.removesuffix("_count") for name in re.findall(r"\bmoxsite_[a-z_]+", rules)}
    assert named
    assert named <= set(metrics)
