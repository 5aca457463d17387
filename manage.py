#!/usr/bin/env python
"""moxsite's command line."""

import sys

from moxsite.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv))
