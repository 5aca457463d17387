"""What the checks find before it goes wrong."""

import sys
from pathlib import Path

import pytest
from django.test import override_settings

from mail.tls.certificates import write_certificate
from moxsite import checks
from moxsite.checks import WrongSetup, refuse_errors


def ids(check: object, **settings: object) -> list[str | None]:
    """The ids of what a check finds under these settings."""
    assert callable(check)
    with override_settings(**settings):
        found = check(None)
    for message in found:
        assert message.hint, message
    return [message.id for message in found]


def test_a_broker_in_memory_is_refused_in_celery_and_allowed_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memory = {"CELERY_BROKER_URL": "memory://"}
    assert ids(checks.check_broker, **memory) == []
    monkeypatch.setattr(sys, "argv", ["/usr/bin/celery", "-A", "moxsite", "worker"])
    assert ids(checks.check_broker, **memory) == ["moxsite.E001"]
    assert ids(checks.check_broker, CELERY_BROKER_URL="redis://localhost") == []
    monkeypatch.setattr("moxsite.process._embeds_broker", True)
    assert ids(checks.check_broker, **memory) == []


def test_a_data_directory_must_be_a_directory_that_others_cannot_look_into(tmp_path: Path) -> None:
    assert ids(checks.check_data_directory, DATA=tmp_path / "none") == []
    (tmp_path / "file").touch()
    assert ids(checks.check_data_directory, DATA=tmp_path / "file") == ["moxsite.E002"]
    tmp_path.chmod(0o700)
    assert ids(checks.check_data_directory, DATA=tmp_path) == []
    tmp_path.chmod(0o755)
    assert ids(checks.check_data_directory, DATA=tmp_path) == ["moxsite.E003"]


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir(0o700)
    key = secrets / "key"
    key.touch(0o600)
    assert ids(checks.check_secrets, DATA=tmp_path, TLS_KEY=tmp_path / "none") == []
    key.chmod(0o640)
    assert ids(checks.check_secrets, DATA=tmp_path, TLS_KEY=tmp_path / "none") == ["moxsite.E004"]


def test_a_tls_key_may_be_readable_for_a_group_but_not_for_everybody(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.touch()
    key.chmod(0o640)
    assert ids(checks.check_secrets, DATA=tmp_path, TLS_KEY=key) == []
    key.chmod(0o644)
    assert ids(checks.check_secrets, DATA=tmp_path, TLS_KEY=key) == ["moxsite.E004"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mail.example.org", []),
        ("localhost", []),
        ("xn--bcher-kva.example", []),
        ("mail", ["moxsite.W001"]),
        ("192.0.2.1", ["moxsite.E005"]),
        ("-mail.example.org", ["moxsite.E005"]),
        ("mail_1.example.org", ["moxsite.E005"]),
        ("mail..example.org", ["moxsite.E005"]),
        ("", ["moxsite.E005"]),
        ("a." * 130 + "org", ["moxsite.E005"]),
    ],
)
def test_the_hostname_must_look_like_a_name(name: str, found: list[str]) -> None:
    assert ids(checks.check_hostname, MOXSITE_HOSTNAME=name) == found


def test_a_certificate_and_its_key_come_together_are_readable_and_match(tmp_path: Path) -> None:
    def found(certificate: Path | str, key: Path | str) -> list[str | None]:
        return ids(
            checks.check_tls_files,
            MOXSITE_TLS_CERT_FILE=str(certificate),
            MOXSITE_TLS_KEY_FILE=str(key),
            MOXSITE_TLS_CA_FILE="",
        )

    one, one_key, other, other_key = (tmp_path / name for name in ("a.pem", "a.key", "b.pem", "b.key"))
    write_certificate(one, one_key, ["a.example"])
    write_certificate(other, other_key, ["b.example"])
    assert found("", "") == []
    assert found(one, one_key) == []
    assert found(one, "") == ["moxsite.E006"]
    assert found("", one_key) == ["moxsite.E006"]
    assert found(one, tmp_path / "none") == ["moxsite.E007"]
    assert found(one, other_key) == ["moxsite.E008"]


def test_a_program_that_does_not_stop_at_errors_can_be_made_to(tmp_path: Path) -> None:
    with (
        override_settings(MOXSITE_HOSTNAME="no name", DATA=tmp_path / "none"),
        pytest.raises(WrongSetup, match=r"moxsite\.E005: .*\n.*Set MOXSITE_HOSTNAME"),
    ):
        refuse_errors()


def test_proxies_must_be_trusted_to_be_asked_for_headers() -> None:
    asked = {"MOXSITE_WEB_PROXY_PROTOCOL": ("https",)}
    assert ids(checks.check_proxies, **asked, MOXSITE_TRUSTED_PROXIES=()) == ["moxsite.E010"]
    assert ids(checks.check_proxies, **asked, MOXSITE_TRUSTED_PROXIES=("192.0.2.7/32",)) == []
