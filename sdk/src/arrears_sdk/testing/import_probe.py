"""Run as a program in a fresh process: imports a plugin's module and prints what that did, as JSON.

It imports nothing of the SDK before it measures, so that both imports are measured from the same start.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import time
from collections.abc import Iterable

# What the interpreter itself changes while modules are imported.
_ALIVE = {"sys.path_importer_cache", "sys.last_type", "sys.last_value", "sys.last_traceback", "sys.last_exc"}


def main() -> None:
    """Reads what to import from standard input."""
    order = json.load(sys.stdin)
    sys.path[:] = order["path"]
    watched = [name for name in order["watched"] if _available(name)]
    for name in watched:
        importlib.import_module(name)
    began = time.perf_counter()
    importlib.import_module("arrears_sdk")
    sdk_seconds = time.perf_counter() - began
    # What the SDK brings along can be watched at once; whatever else the plugin loads, in another process.
    present = {name for name in order["known"] if name in sys.modules}
    before = _attributes(present.union(watched))
    began = time.perf_counter()
    _load(order["module"], order["file"])
    plugin_seconds = time.perf_counter() - began
    after = _attributes(present.union(watched))
    found = {
        "sdk_seconds": sdk_seconds,
        "plugin_seconds": plugin_seconds,
        "platform_modules": sorted(name for name in sys.modules if name == "arrears" or name.startswith("arrears.")),
        "unwatched": [name for name in order["known"] if name in sys.modules and name not in present],
        "replaced": sorted(name for name, value in before.items() if after.get(name, None) is not value),
    }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


def _available(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False


def _load(module: str, file: str | None) -> None:
    if file is None:
        importlib.import_module(module)
        return
    spec = importlib.util.spec_from_file_location(module if module != "__main__" else "plugin_on_trial", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no Python file")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)


def _attributes(modules: Iterable[str]) -> dict[str, object]:
    """Every attribute of the modules and of the classes that they define, by its dotted name."""
    found: dict[str, object] = {}
    for name in modules:
        module = sys.modules[name]
        for attribute, value in list(vars(module).items()):
            if attribute.startswith("__") and attribute.endswith("__") and attribute != "__import__":
                continue
            found[f"{name}.{attribute}"] = value
            if isinstance(value, type) and value.__module__.split(".")[0].lstrip("_") == name.split(".")[0]:
                members = ((member, inner) for member, inner in list(vars(value).items()) if callable(inner))
                found.update((f"{name}.{attribute}.{member}", inner) for member, inner in members)
    return {name: value for name, value in found.items() if name not in _ALIVE}


if __name__ == "__main__":
    main()
