"""The command line `arrears`. Each command imports what it needs when it runs, so that help is instant."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command that the process was started with; gives its exit code."""
    from arrears.cli.application import run

    return run(sys.argv[1:])
