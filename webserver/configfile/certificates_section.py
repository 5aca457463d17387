"""[web.certificates]: files with certificates, by the hosts that they are for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from mail.addresses.domain import AddressError
from mail.configfile.section import Change, Options, Phase, differences
from mail.configfile.table import Table
from webserver.models import CertificateFile
from webserver.models.certificate_file import normalise_pattern


@dataclass(frozen=True, slots=True)
class Files:
    """Full paths of the files of one certificate."""

    cert_file: str
    key_file: str


class CertificatesSection:
    """See mail.configfile.section.Section."""

    def read(self, document: Table) -> Mapping[str, Files]:
        found: dict[str, Files] = {}
        table = document.table("web").table("certificates")
        for key, row in document.table("web").tables("certificates").items():
            try:
                name = normalise_pattern(key)
            except AddressError as error:
                table.problem(f"the name before the equals sign is no host or wildcard: {error}", key)
                continue
            if name in found:
                table.problem("this name is there twice", key)
            found[name] = Files(_path(row, "cert_file"), _path(row, "key_file"))
        return found

    def stored(self) -> Mapping[str, Files]:
        return {row.name: Files(row.cert_file, row.key_file) for row in CertificateFile.objects.all()}

    def write(self, configuration: Mapping[str, Files], document: dict[str, Any]) -> None:
        if configuration:
            document.setdefault("web", {})["certificates"] = {
                name: {"cert_file": files.cert_file, "key_file": files.key_file}
                for name, files in sorted(configuration.items())
            }

    def plan(
        self,
        stored: Mapping[str, Files],
        wanted: Mapping[str, Files],
        document: Table,
        options: Options,
    ) -> list[Change]:
        return [
            Change(
                Phase.OTHER,
                f"{_sign(each.old, each.new)} certificate {each.key}",
                partial(_make, each.key, each.new),
            )
            for each in differences(dict(stored), dict(wanted))
        ]


def _sign(old: Files | None, new: Files | None) -> str:
    return "+" if old is None else "-" if new is None else "~"


def _make(name: str, files: Files | None) -> None:
    if files is None:
        CertificateFile.objects.filter(name=name).delete()
        return
    row = CertificateFile.objects.filter(name=name).first() or CertificateFile(name=name)
    row.cert_file, row.key_file = files.cert_file, files.key_file
    row.save()


def _path(row: Table, key: str) -> str:
    """A path in the file may be relative to it."""
    text = row.text(key)
    if not text:
        row.problem("is needed: the path of a file", key)
        return ""
    return str((row.folder / text).absolute())
