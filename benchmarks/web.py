"""Static files, forwarding and websockets of moxsite, nginx and Caddy, in turn. The load is wrk."""

import re
import subprocess
import tempfile
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import websockets
from benchmarks.in_turn import Load, Work, compare
from benchmarks.web_servers import HOST, web_servers, what_is_missing


def main() -> None:
    """Print the tables."""
    if missing := what_is_missing():
        print(f"not measured: {missing}")
        return
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder, web_servers(Path(folder)) as servers:
        compare(servers, LOADS)
        print()
        websockets.measure(servers)


def _ask(path: str, connections: int, port: int, seconds: int) -> Work:
    """Requests a second. Raises RuntimeError when not all answers were right."""
    url = f"http://127.0.0.1:{port}{path}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-H", f"Host: {HOST}", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    requests = re.search(r"(\d+) requests in", done.stdout)
    if rate is None or requests is None or "Non-2xx" in done.stdout:
        raise RuntimeError(f"{path} on port {port}: {done.stdout}{done.stderr}")
    return Work(float(rate[1]), int(requests[1]))


LOADS: Final = (
    Load("forward 1 KiB, 1 connection", partial(_ask, "/forward/1k", 1)),
    Load("forward 1 KiB, 64", partial(_ask, "/forward/1k", 64)),
    Load("static 1 KiB, 1", partial(_ask, "/static/1k", 1)),
    Load("static 1 KiB, 64", partial(_ask, "/static/1k", 64)),
    Load("static 100 KiB, 64", partial(_ask, "/static/100k", 64)),
)


if __name__ == "__main__":
    main()
