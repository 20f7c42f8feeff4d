"""Small files and small functions: what does not fit on a few screens is not read whole by anyone."""

from __future__ import annotations

import ast

from tests.architecture.tree import files, name, syntax

LONGEST_FILE = 399
LONGEST_FUNCTION = 59


def test_every_source_file_is_shorter_than_400_lines() -> None:
    lengths = {
        name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in files(".py", ".sql", ".js", ".jsx", ".css")
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_every_function_is_shorter_than_60_lines() -> None:
    long = {
        f"{name(path)}:{node.lineno} {node.name}": length
        for path in files(".py")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}
