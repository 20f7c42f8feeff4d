"""The command line of plugin authors: `arrears-sdk new`, `arrears-sdk check`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command and ends with its status."""
    from arrears_sdk.command_line import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
