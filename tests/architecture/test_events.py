"""The catalogue of events that plugins subscribe to and the events that the platform emits are the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from arrears.deliveries.model import _snake
from arrears_sdk.events import EVENTS
from arrears_sdk.payloads import PAYLOADS
from tests.architecture.tree import PLATFORM, files


class Emitted(ast.NodeVisitor):
    """Finds the names of all emitted events, also where a function is given the name by its callers."""

    def __init__(self, trees: dict[Path, ast.Module]) -> None:
        self._trees = trees
        self.names: set[str] = set()
        self.unresolved: list[str] = []

    def find(self) -> None:
        for path, tree in self._trees.items():
            for function, call in calls_within(tree):
                if is_call_of(call, "emit") and call.args:
                    event = call.args[0]
                    assert isinstance(event, ast.Call), f"{path}: {ast.unparse(call)}"
                    self.resolve(given(event, 0, "name"), function, path)
                elif is_call_of(call, "Wish") and (event := given(call, 2, "event")) is not None:
                    # What is wished of the ledger names the event that tells of it when it is booked.
                    self.resolve(event, function, path)

    def resolve(self, name: ast.expr | None, function: ast.AST | None, path: Path) -> None:
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            self.names.add(name.value)
        elif isinstance(name, ast.IfExp):
            self.resolve(name.body, function, path)
            self.resolve(name.orelse, function, path)
        elif name is not None and ast.unparse(name) == "order.wish.event":
            return
        elif isinstance(name, ast.Subscript) and isinstance(name.value, ast.Name):
            for value in values_of(name.value.id, self._trees[path]):
                self.resolve(value, function, path)
        elif isinstance(name, ast.Name) and isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            self._resolve_variable(name, function, path)
        else:
            self.unresolved.append(f"{path.name}: {None if name is None else ast.unparse(name)}")

    def _resolve_variable(self, name: ast.Name, function: ast.FunctionDef | ast.AsyncFunctionDef, path: Path) -> None:
        parameters = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
        if name.id in parameters:
            # A function whose name begins with an underscore is its module's own.
            modules = {path: self._trees[path]} if function.name.startswith("_") else self._trees
            for where, tree in modules.items():
                for caller, call in calls_within(tree):
                    if is_call_of(call, function.name):
                        self.resolve(given(call, parameters.index(name.id), name.id), caller, where)
            return
        assigned = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign)
            and any(isinstance(to, ast.Name) and to.id == name.id for to in node.targets)
        ]
        if not assigned:
            self.unresolved.append(f"{path.name}: {name.id}")
        for value in assigned:
            self.resolve(value, function, path)


def calls_within(tree: ast.AST, function: ast.AST | None = None) -> Iterator[tuple[ast.AST | None, ast.Call]]:
    """Every call, with the innermost function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else function
        if isinstance(node, ast.Call):
            yield function, node
        yield from calls_within(node, inner)


def values_of(name: str, tree: ast.Module) -> list[ast.expr | None]:
    """The values of a module's own dictionary; one that cannot be resolved when there is none of the name."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and target.id == name and isinstance(node.value, ast.Dict):  # type: ignore[attr-defined]
                return list(node.value.values)  # type: ignore[attr-defined]
    return [None]


def is_call_of(call: ast.Call, name: str) -> bool:
    called = call.func
    return (isinstance(called, ast.Attribute) and called.attr == name) or (
        isinstance(called, ast.Name) and called.id == name
    )


def given(call: ast.Call, position: int, name: str) -> ast.expr | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == name]
    if named:
        return named[0]
    return call.args[position] if position < len(call.args) else None


def test_the_catalogue_of_events_names_what_the_platform_emits() -> None:
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in files(".py") if path.is_relative_to(PLATFORM)
    }
    emitted = Emitted(trees)

    emitted.find()

    assert emitted.unresolved == []
    assert sorted(emitted.names) == sorted(EVENTS)


def test_every_event_has_a_meaning_in_one_sentence() -> None:
    assert [name for name, meaning in EVENTS.items() if not meaning.endswith(".") or meaning.count(".") != 1] == []
    assert list(EVENTS) == sorted(EVENTS)


def keys_of(payload: ast.expr | None, function: ast.AST | None) -> tuple[set[str], bool]:
    """The literal keys of a payload as plugins see them, and whether these are all."""
    if payload is None:
        return set(), True
    if isinstance(payload, ast.Name) and function is not None:
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == payload.id:
                return keys_of(node.value, function)
    if not isinstance(payload, ast.Dict):
        return set(), False
    literal = [key.value for key in payload.keys if isinstance(key, ast.Constant)]
    return {_snake(str(key)) for key in literal}, len(literal) == len(payload.keys)


def test_the_catalogue_of_payloads_is_what_the_platform_emits() -> None:
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8")) for path in files(".py") if path.is_relative_to(PLATFORM)
    }
    wrong = []
    for path, tree in trees.items():
        for function, call in calls_within(tree):
            if not (is_call_of(call, "emit") and call.args and isinstance(call.args[0], ast.Call)):
                continue
            event = call.args[0]
            emitted = Emitted(trees)
            emitted.resolve(given(event, 0, "name"), function, path)
            keys, whole = keys_of(given(event, 4, "payload"), function)
            for name in emitted.names:
                catalogued = set(PAYLOADS[name])
                if (keys != catalogued) if whole else not keys <= catalogued:
                    wrong.append((name, sorted(keys ^ catalogued)))

    assert wrong == []
    assert list(PAYLOADS) == list(EVENTS)
