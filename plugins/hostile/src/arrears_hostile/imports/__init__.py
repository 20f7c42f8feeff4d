"""Modules whose import does what it must not. Each spares the process that tests it, which has pytest loaded."""

from __future__ import annotations

import sys

TESTED = "pytest" in sys.modules
"""Whether this is the process of the tests rather than the fresh one in which the check imports a module."""
