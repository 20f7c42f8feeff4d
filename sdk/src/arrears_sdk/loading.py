"""Finds the plugin class in a file or a module."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import cast

from pydantic import ValidationError

from arrears_sdk.errors import InputError
from arrears_sdk.plugin import Config, Plugin, PluginDefinitionError


def load_plugin(where: str) -> type[Plugin[Config]]:
    """The plugin class at `path/to/file.py` or `module:Class`; `InputError` says why there is none."""
    name, _, class_name = where.partition(":")
    try:
        module = _file(Path(where)) if where.endswith(".py") else importlib.import_module(name)
    except PluginDefinitionError as error:
        raise InputError(str(error)) from error
    except ModuleNotFoundError as error:
        raise InputError(f"{where} cannot be imported: {error}. Give path/to/file.py or module:Class.") from error
    if class_name and not where.endswith(".py"):
        found: object = getattr(module, class_name, None)
        if isinstance(found, type) and issubclass(found, Plugin):
            return cast("type[Plugin[Config]]", found)
        raise InputError(f"{name} has no plugin class called {class_name}.")
    own = [value for value in vars(module).values() if _is_own(value, module)]
    if len(own) != 1:
        names = ", ".join(sorted(value.__name__ for value in own)) or "none"
        raise InputError(f"{where} must hold exactly one plugin class, and has {names}; or name it: module:Class.")
    return cast("type[Plugin[Config]]", own[0])


def settings_of(plugin: type[Plugin[Config]], text: str | None) -> tuple[Config, ...]:
    """The settings given as JSON text, none when there is no text; `InputError` says what is wrong with them."""
    if text is None:
        return ()
    try:
        return (plugin.config_type.model_validate_json(text),)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'the whole'}: {fault['msg']}" for fault in error.errors()
        )
        raise InputError(f"The settings do not fit {plugin.config_type.__name__}: {faults}.") from None


def _file(path: Path) -> ModuleType:
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{path} is no Python file.")
    module = importlib.util.module_from_spec(spec)
    # Its neighbours can be imported, as if the file had been started.
    sys.path.insert(0, str(path.parent.resolve()))
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _is_own(value: object, module: ModuleType) -> bool:
    return isinstance(value, type) and issubclass(value, Plugin) and value.__module__ == module.__name__
