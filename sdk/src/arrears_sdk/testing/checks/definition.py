"""What holds for every plugin: its name, its settings, its import and the form of its hooks."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from types import UnionType
from typing import Union, get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from arrears_sdk.plugin import Plugin
from arrears_sdk.testing.check import Violation, check
from arrears_sdk.testing.importing import SLOWEST
from arrears_sdk.testing.trial import PluginClass, Trial

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_SECRET = re.compile(
    r"(^|_)(secret|password|passphrase|token|credential|credentials|private_key|api_key|access_key|signing_key)($|_)"
)
_LONGEST_NAME = 40


@check(
    "plugin.name",
    "Without one lasting name the plugin's decisions cannot be attributed, and nobody can say why a debtor was called.",
)
def name_is_well_formed(trial: Trial) -> None:
    """The name is lower-case words joined by hyphens."""
    name: object = trial.plugin.name
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise Violation(f"the name {name!r} is not lower-case words joined by hyphens, at most {_LONGEST_NAME} long")


@check(
    "plugin.hooks",
    "A plugin that implements nothing protects nobody, while its client believes that its rule is in force.",
)
def implements_a_hook(trial: Trial) -> None:
    """At least one hook is implemented, each with the parameters of its specification."""
    if not trial.plugin.hooks():
        raise Violation("implements no hook")
    for hook in trial.plugin.hooks():
        wanted = _form(inspect.signature(getattr(Plugin, hook)))
        found = _form(inspect.signature(getattr(trial.plugin, hook)))
        if found != wanted:
            raise Violation(f"{hook} takes ({', '.join(found)}), where ({', '.join(wanted)}) is wanted")


def _form(signature: inspect.Signature) -> list[str]:
    """The names of parameters as they must be; those with a default may be added."""
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    return [
        parameter.name if parameter.kind in plain else str(parameter.replace(annotation=inspect.Parameter.empty))
        for parameter in signature.parameters.values()
        if parameter.default is inspect.Parameter.empty
    ]


@check(
    "import.works",
    "A module that cannot be imported alone stops the deployment, and with it every payment of that day.",
)
def import_works(trial: Trial) -> None:
    """The module can be imported in a fresh process."""
    if trial.import_trial.failure:
        raise Violation(f"importing {trial.plugin.__module__} failed: {trial.import_trial.failure}")


@check(
    "import.in-time",
    "A slow import delays every start, so that webhooks of payments that came in wait outside.",
    needs=("import.works",),
)
def import_is_quick(trial: Trial) -> None:
    """Importing takes at most ten times what importing the SDK takes."""
    found = trial.import_trial
    if found.is_slow:
        raise Violation(
            f"importing takes {found.plugin_seconds:.2f} s, more than {SLOWEST:g} times what the SDK takes"
            f" ({found.sdk_seconds:.2f} s); import what is slow inside the functions that use it"
        )


@check(
    "import.no-platform",
    "A plugin that reaches into the platform bypasses its gate, and breaks in the middle of a run after an update.",
    needs=("import.works",),
)
def import_leaves_the_platform_out(trial: Trial) -> None:
    """Importing loads nothing of `arrears`."""
    if trial.import_trial.platform_modules:
        raise Violation(f"imports {', '.join(trial.import_trial.platform_modules[:5])}; only arrears_sdk may be used")


@check(
    "import.replaces-nothing",
    "An attribute replaced in another package changes how all plugins count money, tell time or check certificates.",
    needs=("import.works",),
)
def import_replaces_nothing(trial: Trial) -> None:
    """Importing leaves the attributes of other packages as they were."""
    if trial.import_trial.replaced:
        raise Violation(f"importing replaces {', '.join(trial.import_trial.replaced[:10])}")


@check(
    "config.unknown-keys",
    "A misspelt setting that is taken in silence leaves a client's debtors without the limit it was to set.",
)
def config_refuses_unknown_keys(trial: Trial) -> None:
    """The settings class refuses keys that it does not know."""
    for model in _models(trial.plugin.config_type):
        if model.model_config.get("extra") != "forbid":
            raise Violation(f'{model.__name__} takes unknown keys; derive it from Config, or set extra="forbid"')


@check(
    "config.frozen",
    "Settings that change while the plugin runs make decisions that the recorded version cannot explain.",
)
def config_is_frozen(trial: Trial) -> None:
    """The settings cannot be changed in place."""
    for model in _models(trial.plugin.config_type):
        if not model.model_config.get("frozen"):
            raise Violation(f"{model.__name__} can be changed after it was made; derive it from Config")


@check(
    "config.schema",
    "Settings without a schema cannot be shown or checked, so that a wrong one is found out by a debtor.",
)
def config_has_a_schema(trial: Trial) -> None:
    """The settings have a JSON schema."""
    try:
        schema = trial.plugin.config_type.model_json_schema()
        json.dumps(schema, allow_nan=False)
    except Exception as error:
        raise Violation(f"no JSON schema can be made of the settings: {error}") from error
    if schema.get("type") != "object":
        raise Violation(f"the JSON schema of the settings is of {schema.get('type')}, not of an object")


@check(
    "config.secrets",
    "A secret kept as plain text shows in logs and reports, and whoever reads it can take money in the client's name.",
)
def config_hides_secrets(trial: Trial) -> None:
    """Settings whose names speak of a secret are `SecretStr`."""
    for model in _models(trial.plugin.config_type):
        for name, declared in model.model_fields.items():
            if _SECRET.search(name) and str in set(_types(declared.annotation)):
                raise Violation(f"{model.__name__}.{name} is plain text; make it SecretStr")


def _models(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> Iterator[type[BaseModel]]:
    """A settings class and every model inside it."""
    yield model
    for declared in model.model_fields.values():
        for inner in _types(declared.annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel) and inner not in seen | {model}:
                yield from _models(inner, seen | {model})


def _types(annotation: object) -> Iterator[object]:
    """The plain types inside an annotation."""
    if get_origin(annotation) in (Union, UnionType) or get_args(annotation):
        for argument in get_args(annotation):
            yield from _types(argument)
    elif annotation not in (SecretStr, SecretBytes):
        yield annotation


@check(
    "plugin.constructs",
    "A plugin that cannot be made from its settings denies every contact of the clients that enabled it.",
    needs=("plugin.name",),
)
def can_be_made(trial: Trial) -> None:
    """An object can be made of each of the settings, with nothing but a host."""
    for config in trial.settings:
        _make(trial.plugin, trial, config)


def _make(plugin: PluginClass, trial: Trial, config: object) -> None:
    from arrears_sdk.plugin import Config
    from arrears_sdk.testing.hosts import FakeHost

    if not isinstance(config, Config):
        raise Violation(f"the settings given are {type(config).__name__}, not {plugin.config_type.__name__}")
    try:
        plugin(config, FakeHost(name=plugin.name))
    except (ValidationError, Exception) as error:
        raise Violation(f"making it raised {type(error).__name__}: {error}") from error


@check(
    "plugin.lifecycle",
    "A plugin that cannot be started and stopped cannot take new settings, and goes on ruling by the old ones.",
    needs=("plugin.constructs",),
)
def can_be_started_and_stopped(trial: Trial) -> None:
    """Each object starts and stops, though nothing was asked of it; stopping twice is no error."""
    for config in trial.settings:
        try:
            with trial.session(config) as session:
                pass
            del session
        except Violation:
            raise
        except Exception as error:
            raise Violation(f"starting or stopping raised {type(error).__name__}: {error}") from error
