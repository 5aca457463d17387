"""The event loops of processes that talk to many peers."""

import asyncio
import importlib


def new_event_loop() -> asyncio.AbstractEventLoop:
    """uvloop's where it is installed, twice as fast as asyncio's own; else asyncio's."""
    try:
        made: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    except ImportError:
        return asyncio.new_event_loop()
    return made
