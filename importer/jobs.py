"""What a worker does with an import that it has leased."""

import logging
import threading
from pathlib import Path

from importer.engine.lease_keeper import DiskFull, Stopping
from importer.engine.progress import Told
from importer.engine.run import Run, nobody_listens
from importer.engine.scan import Scan
from importer.files import being_run, remove_folder
from importer.formats.source import SourceError
from importer.models import Import, State
from importer.staging.control import AbortImport
from importer.staging.discard import discard
from importer.staging.lease import LeaseLost, ReleaseLease
from importer.staging.stage import OverQuota
from mail.store.writer import Writer

log = logging.getLogger(__name__)

BROKEN = (
    "Something went wrong on the server, and nothing was brought in. Try again; if it happens again, "
    "its log has the details."
)
NO_LONGER_THERE = "The file could not be read on the server: upload it again."


def work(
    import_id: int, token: int, writer: Writer, stopping: threading.Event, told: Told = nobody_listens
) -> None:
    """Read or run an import under this lease. Events end with done or aborted, unless the process ends."""
    row = Import.objects.filter(pk=import_id, lease_token=token).first()
    if row is None:
        return
    if not row.by_command and not Path(row.path).exists():
        # The task came to another machine than the one that leased it.
        writer.submit(ReleaseLease(import_id, token)).result()
        return
    with being_run(row.token) as alone:
        if not alone:
            writer.submit(ReleaseLease(import_id, token)).result()
            return
        _work(row, token, writer, stopping, told)
    present = Import.objects.filter(pk=import_id).first()
    if present is None or present.is_over:  # it is gone with its account
        remove_folder(row.token)
        discard(writer)


def _work(row: Import, token: int, writer: Writer, stopping: threading.Event, told: Told) -> None:
    reason = ""
    try:
        if row.state == State.SCANNING:
            Scan(row, token, writer, stopping).look()
        else:
            Run(row, token, writer, stopping, told).bring_in()
    except LeaseLost:
        log.info("an import was taken away from its run", extra={"fields": {"import": row.pk}})
    except Stopping:
        writer.submit(ReleaseLease(row.pk, token)).result()
    except (SourceError, OverQuota, DiskFull) as error:
        reason = str(error)
    except OSError as error:
        log.exception("the file of an import can't be read", extra={"fields": {"import": row.pk}})
        reason = str(error) if row.by_command else NO_LONGER_THERE
    except Exception:
        log.exception("an import failed", extra={"fields": {"import": row.pk}})
        reason = BROKEN
    if reason:
        writer.submit(AbortImport(row.pk, reason, token)).result()
