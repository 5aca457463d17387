"""python -m benchmarks [PART…]"""

import importlib
import sys

PARTS = (
    "store",
    "contents",
    "mime",
    "accept",
    "submission",
    "large_message",
    "many_large",
    "relay",
    "lanes",
    "slow",
    "web",
    "import_reading",
    "import",
)
PARTS_OF_PARTS = ("websockets", "transfers", "django_pages", "import_large", "reveal", "search")


def main(chosen: list[str]) -> int:
    """Run the parts that were named, or all of them."""
    unknown = [part for part in chosen if part not in PARTS + PARTS_OF_PARTS]
    if unknown:
        print(
            f"no such part: {', '.join(unknown)}. There are {', '.join(PARTS + PARTS_OF_PARTS)}.",
            file=sys.stderr,
        )
        return 2
    for part in chosen or PARTS:
        print(f"\n## {part}\n")
        importlib.import_module(f"benchmarks.{part}").main()
    return 0


sys.exit(main(sys.argv[1:]))
