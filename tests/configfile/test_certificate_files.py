"""[web.certificates] of the configuration file."""

from pathlib import Path

import pytest

from mail.configfile.problems import FileProblems
from mail.configfile.section import Options
from mail.configfile.table import Table
from tests.world.world import World
from webserver.configfile.certificates_section import CertificatesSection
from webserver.models import CertificateFile

pytestmark = pytest.mark.only_database("sqlite")

SECTION = CertificatesSection()


def table(certificates: dict[str, object]) -> Table:
    """A document with these certificates."""
    return Table({"web": {"certificates": certificates}}, FileProblems(), folder=Path("/etc/site"))


def test_certificates_come_change_and_go(world: World) -> None:
    document = table({"*.Example.org": {"cert_file": "a.pem", "key_file": "/keys/a.pem"}})
    wanted = SECTION.read(document)
    changes = SECTION.plan({}, wanted, document, Options())
    assert [change.text for change in changes] == ["+ certificate *.example.org"]
    for change in changes:
        change.make()
    row = CertificateFile.objects.get()
    assert (row.name, row.cert_file, row.key_file) == ("*.example.org", "/etc/site/a.pem", "/keys/a.pem")
    assert SECTION.plan(SECTION.stored(), wanted, document, Options()) == []
    written: dict[str, object] = {}
    SECTION.write(SECTION.stored(), written)
    assert written == {
        "web": {
            "certificates": {"*.example.org": {"cert_file": "/etc/site/a.pem", "key_file": "/keys/a.pem"}}
        }
    }
    for change in SECTION.plan(SECTION.stored(), {}, document, Options()):
        change.make()
    assert not CertificateFile.objects.exists()


@pytest.mark.parametrize(
    "certificates",
    [
        {"a.*.example": {"cert_file": "a", "key_file": "b"}},
        {"": {"cert_file": "a", "key_file": "b"}},
        {"a.example": {"cert_file": "a"}},
        {"a.example": {"cert_file": "a", "key_file": "b", "other": 1}},
        {"a.example": {"cert_file": "a", "key_file": "b"}, "A.example": {"cert_file": "a", "key_file": "b"}},
    ],
)
def test_what_is_wrong_is_said(certificates: dict[str, object]) -> None:
    document = table(certificates)
    SECTION.read(document)
    document.finish()
    assert len(document.problems)
