"""Certificates that the operator gives: uploaded into the database, or named as files by host."""

from pathlib import Path
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from mail import clock
from mail.addresses.domain import AddressError
from mail.configuration.certificates import store_certificate
from mail.configuration.rules.domains import sentence
from mail.models import Certificate
from mail.tls.context import server_context
from mail.tls.errors import CertificateError
from mail.tls.reading import read_facts
from webserver.models import CertificateFile
from webserver.models.certificate_file import normalise_pattern

MOST_BYTES: Final = 256 * 1024
"""Of a file; chains have a few KiB."""


class UploadForm(forms.Form):
    """A certificate and its key, which are kept in the database."""

    prefix = "upload"
    chain = forms.FileField(label="Certificate", help_text="With its chain, as PEM.")
    key = forms.FileField(
        label="Private key",
        required=False,
        help_text="As PEM, without a password. Not needed if it is in the same file.",
    )

    def clean(self) -> dict[str, Any]:
        """Both belong together, and the certificate is for names and for now."""
        values = super().clean() or {}
        if "chain" not in values or "key" not in values:
            return values
        chain = _content(values["chain"])
        values["pem"] = (_certificates(chain), _content(values["key"]) if values["key"] else chain)
        _check(*values["pem"])
        return values

    def store(self) -> Certificate:
        """Put it in force."""
        chain, key = self.cleaned_data["pem"]
        return store_certificate(chain, key, Certificate.Source.OPERATOR)


class FileForm(forms.Form):
    """Files on this machine that are used for a host, or for all hosts of one more label."""

    prefix = "files"
    name = forms.CharField(
        label="Host",
        max_length=255,
        help_text="Such as www.example.org, or *.example.org for one more label.",
    )
    cert_file = forms.CharField(
        label="Certificate file", max_length=1000, help_text="Full path; with its chain, as PEM."
    )
    key_file = forms.CharField(
        label="Key file", max_length=1000, help_text="Full path. The server must be able to read it."
    )

    def clean_name(self) -> str:
        """As A-labels."""
        try:
            return normalise_pattern(self.cleaned_data["name"])
        except AddressError as error:
            raise ValidationError(sentence(str(error))) from None

    def clean_cert_file(self) -> str:
        """The path of a file that can be read."""
        return self._read("cert_file")

    def clean_key_file(self) -> str:
        """The path of a file that can be read."""
        return self._read("key_file")

    def _read(self, field: str) -> str:
        path: str = self.cleaned_data[field]
        if not path.startswith("/"):
            raise ValidationError("It must be a full path that begins with /.")
        try:
            with Path(path).open("rb") as file:
                self.__dict__[f"content_of_{field}"] = file.read(MOST_BYTES)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "no such path"
            raise ValidationError(f"It can’t be read: {reason}.") from None
        return path

    def clean(self) -> dict[str, Any]:
        """Both belong together, and the certificate is for this name and for now."""
        values = super().clean() or {}
        if {"name", "cert_file", "key_file"} <= values.keys():
            chain = self.__dict__["content_of_cert_file"]
            names = _check(chain, self.__dict__["content_of_key_file"])
            name = values["name"]
            if name not in names and "*." + name.partition(".")[2] not in names:
                of = ", ".join(names)
                raise ValidationError({"name": f"Browsers would refuse it: the certificate is for {of}."})
        return values

    def store(self) -> CertificateFile:
        """Put them in force; they replace other files of the same host."""
        values = self.cleaned_data
        row = CertificateFile.objects.filter(name=values["name"]).first() or CertificateFile(
            name=values["name"]
        )
        row.cert_file, row.key_file = values["cert_file"], values["key_file"]
        row.save()
        return row


def remove_certificate(row_id: str) -> str:
    """Remove one that was uploaded; the names that it was for, "" if it is gone already."""
    return _remove(Certificate.objects.filter(source=Certificate.Source.OPERATOR), row_id)


def remove_files(row_id: str) -> str:
    """Use the files of a host no more. They stay where they are."""
    return _remove(CertificateFile.objects.all(), row_id)


def _remove(rows: Any, row_id: str) -> str:
    row = rows.filter(pk=row_id).first() if row_id.isdecimal() and len(row_id) < 19 else None
    if row is None:
        return ""
    said = str(row)
    row.delete()
    return said


def _content(uploaded: "UploadedFile[Any]") -> bytes:
    if (uploaded.size or 0) > MOST_BYTES:
        raise ValidationError(f"A file is larger than {MOST_BYTES // 1024} KiB: that is no certificate.")
    content: bytes = uploaded.read()
    return content


def _certificates(pem: bytes) -> bytes:
    """The certificates of a file alone: where it has the key too, that is kept apart and sealed."""
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    pieces = [piece.partition(end)[0] for piece in pem.split(begin)[1:]]
    return b"".join(begin + piece + end + b"\n" for piece in pieces)


def _check(chain: bytes, key: bytes) -> tuple[str, ...]:
    """The names that it is for. Raises ValidationError."""
    try:
        facts = read_facts(chain)
        server_context(chain, key)
    except CertificateError as error:
        raise ValidationError(f"{sentence(str(error))}") from None
    if not facts.names:
        raise ValidationError("The certificate names no host (it has no subjectAltName).")
    if facts.not_after <= clock.now():
        raise ValidationError(f"The certificate expired on {clock.as_datetime(facts.not_after):%Y-%m-%d}.")
    return facts.names
