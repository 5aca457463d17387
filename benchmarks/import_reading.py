"""Reading 20 000 messages of about 400 MB for an import: splitting, flags, dates and the summary of each
header, without the database. Processor time of the reading process, and its largest memory."""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import head, row
from benchmarks.mbox_generator import write_maildir, write_mbox

_PACKED = {
    "mail.mbox.gz": ["gzip", "-1", "--keep", "--force", "mail.mbox"],
    "mail.mbox.zst": ["zstd", "-q", "--keep", "--force", "mail.mbox"],
    "mail.zip": ["zip", "-q", "-1", "-r", "mail.zip", "mail.maildir"],
    "mail.tgz": ["tar", "--create", "--use-compress-program=gzip -1", "--file=mail.tgz", "mail.maildir"],
    "mail.tar": ["tar", "--create", "--file=mail.tar", "mail.maildir"],
}


def measure(path: Path) -> None:
    """Read one source and print a line of the table."""
    # Imported here so that the memory counted is that of a process that only reads.
    from importer.formats.opening import open_source
    from importer.formats.source import SourceMessage
    from mail.mime.summary import summarize

    started = time.process_time()
    messages = size = 0
    source = open_source(path)
    for event in source.events():
        if isinstance(event, SourceMessage):
            summarize(event.header)
            messages += 1
            size += sum(map(len, event.chunks))
    source.close()
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row(path.name, f"{messages / seconds:,.0f}", f"{size / seconds / 1e6:,.0f}", f"{memory:,.0f}")


def main() -> None:
    """Measure an mbox file and a Maildir, bare and packed; each in a process of its own."""
    head("source", "messages a second", "MB a second", "memory, MiB")
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as name:
        folder = Path(name)
        write_mbox(folder / "mail.mbox")
        _each(folder / "mail.mbox")
        write_maildir(folder / "mail.maildir")
        _each(folder / "mail.maildir")
        for packed, command in _PACKED.items():
            if shutil.which(command[0]):
                subprocess.run(command, cwd=folder, check=True)
                _each(folder / packed)
                (folder / packed).unlink()


def _each(path: Path) -> None:
    subprocess.run([sys.executable, "-m", "benchmarks.import_reading", str(path)], check=True)


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
