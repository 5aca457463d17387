"""manage.py with a periodic job that never ends."""

import sys
import threading

from mail.periodic.registry import every
from moxsite.cli import main


@every(minutes=1, name="stuck")
def wait_for_ever() -> None:
    print("stuck", flush=True)
    threading.Event().wait()


sys.exit(main(sys.argv))
