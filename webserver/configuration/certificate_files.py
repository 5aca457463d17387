"""What a snapshot holds of certificates in files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mail.configuration.snapshot import register_section
from webserver.models import CertificateFile


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Certificate and key files by the host or wildcard that they are for."""

    by_name: Mapping[str, tuple[Path, Path]]


def compile_certificate_files() -> CertificateFiles:
    """All of them. The files are read by whoever needs them."""
    rows = CertificateFile.objects.all()
    return CertificateFiles(
        MappingProxyType({row.name: (Path(row.cert_file), Path(row.key_file)) for row in rows})
    )


def register() -> None:
    """Let snapshots have this section."""
    register_section(CertificateFiles, compile_certificate_files)
