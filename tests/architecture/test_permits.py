"""Nothing acts round the gate: who calls a port's acting method takes a permit, and nobody but the gate makes one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from arrears_sdk.permit import ACTING_METHODS
from tests.architecture.tree import PLATFORM, files

GATE = PLATFORM / "compliance" / "permits.py"
RULES = PLATFORM / "compliance" / "ruling.py"


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in files(".py"):
        # The API's own package knows no port; what an operation costs is charged there to its budget.
        if PLATFORM in path.parents and PLATFORM / "graphql" not in path.parents:
            yield path, ast.parse(path.read_text())


def calls_by_function(tree: ast.AST, function: ast.AST | None = None) -> Iterator[tuple[ast.AST | None, ast.Call]]:
    for node in ast.iter_child_nodes(tree):
        inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(node, ast.Call):
            yield function, node
        yield from calls_by_function(node, inner)


def takes_a_permit(function: ast.AST | None) -> bool:
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    every = [*function.args.args, *function.args.kwonlyargs]
    return any(one.annotation is not None and ast.unparse(one.annotation) == "Permit" for one in every)


def acts(call: ast.Call) -> bool:
    """Whether a call is one of a port's acting methods, by itself or through the host."""
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr in ACTING_METHODS:
        return True
    first = call.args[0] if call.args else None
    return call.func.attr == "call" and isinstance(first, ast.Constant) and first.value in ACTING_METHODS


def test_every_call_that_acts_stands_in_a_function_that_takes_a_permit() -> None:
    found = [
        (path, function, call) for path, tree in sources() for function, call in calls_by_function(tree) if acts(call)
    ]
    assert found, "charge is called somewhere"
    assert [f"{path}:{call.lineno}" for path, function, call in found if not takes_a_permit(function)] == []


def test_no_name_of_a_method_is_handed_to_a_bound_port_but_spelt_out() -> None:
    """A variable could be any method, also one that acts."""
    hidden = [
        f"{path}:{call.lineno}"
        for path, tree in sources()
        for _, call in calls_by_function(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "call"
        and ast.unparse(call.func.value) in ("bound", "gateway", "port")
        and not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert hidden == []


def test_only_the_gate_makes_permits() -> None:
    makers = [
        str(path)
        for path, tree in sources()
        for _, call in calls_by_function(tree)
        if isinstance(call.func, ast.Name) and call.func.id in ("Permit", "PermitRow") and path != GATE
    ]
    assert makers == []


def test_the_rules_are_asked_in_one_place() -> None:
    """Who asks the host directly would forget what is said where nobody is asked."""
    askers = [
        f"{path}:{call.lineno}"
        for path, tree in sources()
        for _, call in calls_by_function(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "rule"
        and "host" in ast.unparse(call.func.value)
        and path != RULES
    ]
    assert askers == []
