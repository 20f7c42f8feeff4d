"""The rules that the tests themselves obey."""

from __future__ import annotations

import ast

from tests.architecture.tree import ROOT, files, name, syntax


def is_skip(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in {"skip", "skipif", "xfail", "importorskip"}


def test_every_skipped_test_gives_its_reason() -> None:
    silent = [
        f"{name(path)}:{node.lineno}"
        for path in files(".py")
        if path.is_relative_to(ROOT / "tests")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Call)
        and is_skip(node)
        and not any(keyword.arg == "reason" for keyword in node.keywords)
        and not (isinstance(node.func, ast.Attribute) and node.func.attr == "skip" and node.args)
    ]
    bare = [
        f"{name(path)}:{node.lineno}"
        for path in files(".py")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Attribute) and mark.attr in {"skip", "xfail"}
    ]
    assert silent + bare == []


def defined(node: ast.AST) -> list[str]:
    """The names that a statement defines: of a function, a class, or a suite as `TestPlugin = conformance(Plugin)`."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


def test_every_test_file_has_a_test_and_lies_where_pytest_looks_for_it() -> None:
    empty = [
        name(path)
        for path in files(".py")
        if path.name.startswith("test_")
        and not any(called.lower().startswith("test") for node in ast.walk(syntax(path)) for called in defined(node))
    ]
    assert empty == []
