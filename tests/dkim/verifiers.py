"""Three DKIM verifiers that others wrote: dkimpy, OpenDKIM and Perl's Mail::DKIM.

Each takes a message as it went over the wire and the records of its keys (name → text), and tells for each
signature, from the top, whether it is good.
"""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import dkim
import pytest

from mail.mime.headers import HeaderBlock, HeaderSplitter
from tests.world.dns import FakeDns

Records = Mapping[str, str]
Verifier = Callable[[bytes, Records, Path], list[bool]]

_PERL = """
use Mail::DKIM::Verifier; use Mail::DKIM::DNS; use Net::DNS::Resolver;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(nameservers => ["127.0.0.1"], port => $ARGV[0]));
my $verifier = Mail::DKIM::Verifier->new();
binmode STDIN;
local $/;
$verifier->PRINT(<STDIN>);
$verifier->CLOSE;
print $_->result, "\\n" foreach $verifier->signatures;
"""


def by_dkimpy(raw: bytes, records: Records, folder: Path) -> list[bool]:
    """Every signature, an Ed25519 one only where PyNaCl is installed."""

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        text = records.get(name.decode().removesuffix("."))
        return text.encode() if text is not None else None

    def is_good(position: int) -> bool:
        try:
            return bool(dkim.DKIM(raw).verify(position, dnsfunc=answer))
        except dkim.ValidationError:
            return False

    return [is_good(position) for position in range(len(signatures_of(raw)))]


def by_opendkim(raw: bytes, records: Records, folder: Path) -> list[bool]:
    """Every signature by itself, because OpenDKIM is content with one that is good."""
    if shutil.which("opendkim") is None:
        pytest.skip("opendkim is not installed")
    keys, settings, letter = folder / "keys", folder / "opendkim.conf", folder / "letter"
    keys.write_text("".join(f"{name} {text}\n" for name, text in records.items()))
    settings.write_text(f"TestPublicKeys {keys}\nMode v\nSyslog no\n")
    found = []
    for kept in range(len(signatures_of(raw))):
        letter.write_bytes(with_one_signature(raw, kept))
        command = ["opendkim", "-x", str(settings), "-v", "-t", str(letter)]
        said = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
        assert "verification" in said, said
        found.append("succeeded" in said)
    return found


def by_perl(raw: bytes, records: Records, folder: Path) -> list[bool]:
    """Every signature whose algorithm it knows; old versions pass over Ed25519."""
    probe = subprocess.run(["perl", "-MMail::DKIM", "-MNet::DNS", "-e", "1"], capture_output=True)
    if probe.returncode:
        pytest.skip("libmail-dkim-perl is not installed")
    with FakeDns(
        {name: {"TXT": [f'"{text[:255]}" "{text[255:]}"']} for name, text in records.items()}
    ) as dns:
        command = ["perl", "-e", _PERL, str(dns.address[1])]
        done = subprocess.run(command, input=raw, capture_output=True, timeout=60, check=True)
    return [line == b"pass" for line in done.stdout.split()]


VERIFIERS = {"dkimpy": by_dkimpy, "opendkim": by_opendkim, "perl": by_perl}


def knows_ed25519(verifier: str) -> bool:
    """Whether a verifier can judge an Ed25519 signature here."""
    if verifier == "dkimpy":
        return find_spec("nacl") is not None
    if verifier == "perl":
        probe = ["perl", "-MMail::DKIM::Algorithm::ed25519_sha256", "-e", "1"]
        return subprocess.run(probe, capture_output=True).returncode == 0
    return True


def signatures_of(raw: bytes) -> list[bytes]:
    """The DKIM-Signature fields of a message, from the top."""
    section = HeaderSplitter()
    found = section.feed(raw) or section.finish()
    fields = HeaderBlock.parse(found.block).fields
    return [field for field in fields if field.lower().startswith(b"dkim-signature:")]


def with_one_signature(raw: bytes, kept: int) -> bytes:
    """The message without its other signatures."""
    for position, field in enumerate(signatures_of(raw)):
        if position != kept:
            raw = raw.replace(field, b"", 1)
    return raw
