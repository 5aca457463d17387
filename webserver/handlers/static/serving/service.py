"""A static handler of the configuration in force, ready to take requests."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Final

from webserver.edge.answers import KnownFields, http_date
from webserver.edge.encodings import accepted_encodings
from webserver.edge.exchange import Exchange
from webserver.edge.field_section import Field
from webserver.handlers.serving.fields import set_fields, wire_fields
from webserver.handlers.serving.service import Declined, redirect
from webserver.handlers.static.below import path_below
from webserver.handlers.static.serving.finding import HTML, File, Found, Listing, NotServed, find
from webserver.handlers.static.serving.listing import listing_page
from webserver.handlers.static.serving.memory import FRESH_SECONDS, FileMemory, Kept, Key
from webserver.handlers.static.serving.preconditions import OUTSIDE, precondition_status, wanted_part
from webserver.handlers.static.serving.sending import Sending
from webserver.routing.values import Handler, StaticSettings

THREADS: Final = 8
"""That look at disks, for all static handlers of a process."""


class Files:
    """What static handlers share: threads for the disk, and memory."""

    def __init__(self) -> None:
        self.executor: Executor = ThreadPoolExecutor(THREADS, "files")
        self.memory = FileMemory()

    def close(self) -> None:
        """End the threads."""
        self.executor.shutdown(wait=False, cancel_futures=True)


class StaticService:
    """Answers with files."""

    answer = None

    def __init__(self, handler: Handler, settings: StaticSettings, files: Files) -> None:
        self._handler = handler
        self._settings = settings
        self._files = files
        self._loop = asyncio.get_running_loop()
        self._looking: dict[Key, list[tuple[Exchange, Declined]]] = {}
        self._fields = wire_fields(settings.response_headers)
        self._find: Callable[..., Found] = partial(find, settings, may_compress=handler.compress)

    def take(self, exchange: Exchange, declined: Declined) -> bool:
        """See Service."""
        goes_on = self._settings.continue_not_found
        if exchange.head.method not in (b"GET", b"HEAD"):
            if not goes_on:
                exchange.refuse(405, "Files can only be read.", [(b"Allow", b"GET, HEAD")])
            return not goes_on
        below = path_below(self._settings, exchange.request.path.decoded)
        if below is None:
            if not goes_on:
                exchange.refuse(404, "There is nothing here.")
            return not goes_on
        head = exchange.head
        # A part of compressed content is of little use to who wants to go on with a download.
        value = None if head.get(b"range") is not None else head.get(b"accept-encoding")
        encodings = accepted_encodings(value)
        key = (self._handler.id, below, encodings)
        kept = self._files.memory.get(key, self._loop.time())
        if kept is not None:
            self._answer(exchange, kept.file, kept.fields)
            return True
        waiting = self._looking.get(key)
        if waiting is not None:
            waiting.append((exchange, declined))
            return True
        self._looking[key] = [(exchange, declined)]
        looking = self._loop.run_in_executor(self._files.executor, self._find, below, encodings)
        looking.add_done_callback(partial(self._found, key))
        return True

    def _found(self, key: Key, looking: asyncio.Future[Found]) -> None:
        """Answer all who asked for it meanwhile. Each needs a descriptor of its own."""
        waiting = [pair for pair in self._looking.pop(key) if not pair[0].ended]
        error = looking.exception()
        found = None if error is not None else looking.result()
        for position, (exchange, declined) in enumerate(waiting):
            try:
                if found is None:
                    raise error or RuntimeError
                last = position == len(waiting) - 1
                self._answer_found(exchange, declined, key, found if last else _shared(found))
            except Exception:
                exchange.failed()
        if not waiting and found is not None:
            _close(found)

    def _answer_found(self, exchange: Exchange, declined: Declined, key: Key, found: Found) -> None:
        match found:
            case File():
                fields = self._file_fields(found)
                until = self._loop.time() + FRESH_SECONDS
                self._files.memory.put(key, Kept(found, fields, until))
                self._answer(exchange, found, fields)
            case Listing():
                page = listing_page(exchange.request.path.decoded, found.entries)
                more = [field for field in self._fields if field[0].lower() != b"content-type"]
                exchange.respond(200, [(b"Content-Type", HTML.encode()), *more], page)
            case NotServed(307, _):
                request = exchange.request
                query = f"?{request.query}" if request.query else ""
                redirect(exchange, 307, request.path.raw + "/" + query)
            case NotServed():
                if found.may_continue and self._settings.continue_not_found:
                    declined()
                else:
                    exchange.refuse(found.status, _TEXTS[found.status])

    def _file_fields(self, file: File) -> KnownFields:
        fields = [
            (b"Content-Type", file.content_type.encode("ascii")),
            (b"Last-Modified", http_date(file.version.modified)),
            (b"ETag", file.version.tag),
            (b"Accept-Ranges", b"bytes"),
        ]
        if file.encoding:
            fields.append((b"Content-Encoding", file.encoding.encode()))
        if file.varies:
            fields.append((b"Vary", b"Accept-Encoding"))
        return KnownFields(set_fields(fields, self._fields) if self._fields else fields)

    def _answer(self, exchange: Exchange, file: File, fields: list[Field]) -> None:
        head = exchange.head
        status = precondition_status(head, file.version)
        if status != 200:
            _close(file)
            if status == 412:
                exchange.refuse(412, "The file has changed, or has not.")
            else:
                exchange.respond(304, [field for field in fields if field[0] != b"Content-Type"])
            return
        part = wanted_part(head, file.version, file.size)
        if part is OUTSIDE:
            _close(file)
            exchange.refuse(416, "The file is shorter.", [(b"Content-Range", b"bytes */%d" % file.size)])
            return
        start, end = (part.start, part.end) if part is not None else (0, file.size)
        if part is not None:
            status = 206
            fields = [*fields, (b"Content-Range", b"bytes %d-%d/%d" % (start, end - 1, file.size))]
        if file.content is not None:
            exchange.respond(status, fields, file.content[start:end] if part is not None else file.content)
            return
        exchange.start(status, fields, end - start)
        if head.method == b"HEAD":
            _close(file)
            exchange.finish()
        else:
            Sending(exchange, self._files.executor, file.descriptor, start, end).begin()


def _shared(found: Found) -> Found:
    """The same for another exchange."""
    if isinstance(found, File) and found.descriptor >= 0:
        return replace(found, descriptor=os.dup(found.descriptor))
    return found


def _close(found: Found) -> None:
    if isinstance(found, File) and found.descriptor >= 0:
        os.close(found.descriptor)


_TEXTS: Final = {403: "This may not be read.", 404: "There is nothing here."}
