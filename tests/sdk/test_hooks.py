"""Every hook has a specification, a place in the reference, a check and a bundled plugin that uses it."""

from __future__ import annotations

import ast
import importlib
import inspect
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest

import arrears_sdk.testing.checks  # noqa: F401 - declares every check
from arrears_sdk import events, host, ruling, views
from arrears_sdk.hooks import HOOKS, Family, HookManager
from arrears_sdk.plugin import Plugin, PluginDefinitionError
from arrears_sdk.testing import CHECKS
from tests.architecture.tree import ROOT, SDK, files, name, syntax

PAGE = ROOT / "docs" / "reference" / "hooks.md"
BUNDLED = sorted(path for path in (ROOT / "plugins").glob("*/pyproject.toml") if path.parent.name != "hostile")


def bundled_classes() -> list[type[Plugin]]:
    found = []
    for project in BUNDLED:
        entries = tomllib.loads(project.read_text("utf-8"))["project"]["entry-points"]["arrears.plugins"]
        for where in entries.values():
            module, _, class_name = where.partition(":")
            found.append(getattr(importlib.import_module(module), class_name))
    return found


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_typed_specification_that_says_what_it_is_for(hook: str) -> None:
    method = getattr(Plugin, hook)
    assert inspect.getdoc(method)
    from arrears_sdk.ports.gateway import Gateway
    from arrears_sdk.ports.graphql import GraphQLParts
    from arrears_sdk.ports.importer import Importer
    from arrears_sdk.ports.strategy import Strategy
    from arrears_sdk.ports.subscriber import Subscriber

    names = {**vars(views), **vars(ruling), **vars(host), **vars(events)}
    ports = (Gateway, GraphQLParts, Importer, Strategy, Subscriber)
    hints = get_type_hints(method, localns={**names, **{port.__name__: port for port in ports}})
    parameters = set(inspect.signature(method).parameters) - {"self"}
    assert parameters | {"return"} == set(hints)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_heading_with_its_exact_signature(hook: str) -> None:
    written = f"### `{hook}{inspect.signature(getattr(Plugin, hook))}`".replace("'", "")
    assert written in PAGE.read_text("utf-8").splitlines()


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_check_of_its_own(hook: str) -> None:
    assert [check.id for check in CHECKS.values() if hook in check.hooks]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_is_used_by_a_bundled_plugin(hook: str) -> None:
    assert [plugin.name for plugin in bundled_classes() if hook in plugin.hooks()]


def test_every_name_of_a_hook_begins_with_a_verb_of_its_family() -> None:
    assert [hook.name for hook in HOOKS.values() if not hook.name.startswith(hook.family.verbs)] == []
    assert {hook.family for hook in HOOKS.values()} == set(Family)


def test_a_page_names_every_check_with_its_consequence() -> None:
    text = PAGE.read_text("utf-8")
    assert [check.id for check in CHECKS.values() if f"### {check.id}\n" not in text] == []
    assert [check.id for check in CHECKS.values() if check.consequence not in text] == []


def test_a_method_that_overrides_a_hook_is_registered_without_decoration() -> None:
    class Warning(Plugin):
        name = "warning"

        def score_accounts(self, accounts: object) -> list[views.Score]:  # type: ignore[override]
            return []

    manager = HookManager(Plugin)
    from arrears_sdk.plugin import NoConfig
    from arrears_sdk.testing import FakeHost

    manager.register(Warning(NoConfig(), FakeHost()))
    manager.check_pending()
    assert manager.hook.score_accounts(accounts=[]) == [[]]
    assert Warning.hooks() == ("score_accounts",)


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("rule_on_contact", "rule_on_contacts"),
        ("score_account", "score_accounts"),
        ("register_gateway", "register_gateways"),
        ("erase_personaldata", "erase_personal_data"),
        ("rank_debtors", "rule_on_actions"),
    ],
)
def test_a_misspelt_hook_fails_when_the_class_is_made_and_names_the_nearest(wrong: str, nearest: str) -> None:
    with pytest.raises(PluginDefinitionError, match=rf"{wrong} is no hook; the nearest is \w+"):
        type("Wrong", (Plugin,), {"name": "wrong", wrong: lambda self, attempts: []})
    if wrong[:4] == nearest[:4]:
        with pytest.raises(PluginDefinitionError, match=f"the nearest is {nearest}"):
            type("Wrong", (Plugin,), {"name": "wrong", wrong: lambda self, attempts: []})


@pytest.mark.parametrize("wrong", ["", "Winter", "winter_pause", "-winter", "a" * 41, None])
def test_a_plugin_without_a_proper_name_cannot_be_made(wrong: str | None) -> None:
    with pytest.raises(PluginDefinitionError, match="needs a `name`"):
        type("Nameless", (Plugin,), {"name": wrong} if wrong is not None else {})


def test_a_plugin_that_keeps_personal_data_must_have_both_duties() -> None:
    with pytest.raises(PluginDefinitionError, match="erase_personal_data"):
        type("Keeping", (Plugin,), {"name": "keeping", "personal_data": True})


def _public_signatures(path: Path) -> list[tuple[str, ast.expr]]:
    found: list[tuple[str, ast.expr]] = []
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            parameters += [each for each in (node.args.vararg, node.args.kwarg) if each]
            annotations = [each.annotation for each in parameters] + [node.returns]
            found += [(node.name, annotation) for annotation in annotations if annotation is not None]
        elif isinstance(node, ast.AnnAssign):
            found.append((ast.unparse(node.target), node.annotation))
    return found


def test_no_signature_of_the_sdk_says_any() -> None:
    vague = {
        f"{name(path)}: {where}"
        for path in files(".py")
        if path.is_relative_to(SDK)
        for where, annotation in _public_signatures(path)
        if any(
            (isinstance(part, ast.Name) and part.id == "Any")
            or (isinstance(part, ast.Attribute) and part.attr == "Any")
            for part in ast.walk(annotation)
        )
    }
    assert vague == set()


def test_the_settings_of_a_plugin_derive_from_config() -> None:
    with pytest.raises(PluginDefinitionError, match=r"class Loose\(Config\)"):
        type("Wrong", (Plugin,), {"name": "wrong", "config_type": type("Loose", (), {})})
