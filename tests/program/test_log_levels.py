"""Which records are logged, and which of --loglevel and the configuration wins."""

import logging
from collections.abc import Iterator

import pytest

from mail.log.levels import TRACE, TRACEAUTH
from moxsite.logs.levels import apply_levels, flag, use_flag
from moxsite.supervisor.spawn import command_line


@pytest.fixture(autouse=True)
def levels_as_before() -> Iterator[None]:
    yield
    use_flag(None, until_configured=True)


def shown(name: str, level: int) -> bool:
    return logging.getLogger(name).isEnabledFor(level)


def test_the_default_is_info_for_our_packages_and_warnings_of_libraries() -> None:
    use_flag(None, until_configured=False)
    assert shown("delivery.queue", logging.INFO)
    assert not shown("delivery.queue", logging.DEBUG)
    assert shown("celery.worker", logging.WARNING)
    assert not shown("celery.worker", logging.INFO)


def test_configured_levels_are_used_and_can_change_at_any_time() -> None:
    use_flag(None, until_configured=False)
    apply_levels("error", {"delivery.queue": "trace"})
    assert shown("delivery.queue.lanes", TRACE)
    assert not shown("delivery.smtp", logging.WARNING)
    apply_levels("info", {"kombu": "debug"})
    assert not shown("delivery.queue.lanes", logging.DEBUG)
    assert shown("delivery.smtp", logging.INFO)
    assert shown("kombu", logging.DEBUG)


def test_an_unknown_configured_level_changes_nothing() -> None:
    use_flag(None, until_configured=False)
    apply_levels("error", {})
    with pytest.raises(ValueError, match="unknown log level"):
        apply_levels("info", {"mail": "loud"})
    assert not shown("mail", logging.WARNING)


def test_the_flag_wins_over_the_configuration() -> None:
    use_flag("debug", until_configured=False)
    apply_levels("error", {"mail": "error"})
    assert shown("mail", logging.DEBUG)


def test_for_serve_the_flag_holds_until_the_configuration_is_loaded() -> None:
    use_flag("debug", until_configured=True)
    assert shown("mail", logging.DEBUG)
    apply_levels("error", {})
    assert not shown("mail", logging.WARNING)


def test_the_flag_is_passed_on_to_children() -> None:
    use_flag("trace", until_configured=True)
    assert flag() == "trace"
    assert command_line(["runweb"])[2:] == ["--loglevel", "trace", "runweb"]


def test_credentials_that_aiosmtpd_would_log_at_debug_need_traceauth_for_it_by_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    library = logging.getLogger("mail.log")  # as aiosmtpd calls it
    for level in ("debug", "trace", "traceauth"):
        use_flag(level, until_configured=False)
        library.debug("%r >> %r", "peer", b"c2VjcmV0")
    assert caplog.records == []
    use_flag(None, until_configured=False)
    apply_levels("info", {"aiosmtpd": "traceauth"})
    library.debug("%r >> %r", "peer", b"c2VjcmV0")
    assert [(record.name, record.levelno) for record in caplog.records] == [("aiosmtpd", TRACEAUTH)]


def test_our_own_package_mail_does_not_make_aiosmtpd_talk(caplog: pytest.LogCaptureFixture) -> None:
    use_flag(None, until_configured=False)
    apply_levels("info", {"mail": "debug"})
    logging.getLogger("mail.log").info("peer connected")
    assert caplog.records == []
    logging.getLogger("mail.log").warning("session.login_data is deprecated")
    assert [record.name for record in caplog.records] == ["aiosmtpd"]
