"""Settings as the text of an `arrears.toml`: read again, it says the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from arrears.configuration.document import FORMAT, NamedPlace, dotted_keys, quoted
from arrears.plugins.settings import GroupSettings
from arrears_sdk.events import JsonValue

WIDEST_LINE = 100


def written(statements: Iterable[tuple[NamedPlace, str, bool, GroupSettings]], *, note: str = "") -> str:
    """The file that says this: each place with its group, whether that is a plugin, and what is said."""
    lines = [f"# {line}" for line in note.splitlines()]
    lines += ["[deployment]", f"format = {FORMAT}"]
    for place, group, is_plugin, settings in statements:
        lines.append("")
        lines += _group(place, group, is_plugin, settings)
    return "\n".join(lines) + "\n"


def _group(place: NamedPlace, group: str, is_plugin: bool, settings: GroupSettings) -> Iterator[str]:
    path = [str(step) for step in place.path]
    table = [*path, "plugins" if is_plugin else "settings", group]
    said = [*_switches(settings)]
    values = {name: settings.values[name] for name in sorted(settings.values) if settings.values[name] is not None}
    if said or not is_plugin:
        yield f"[{dotted_keys(table)}]"
        yield from said
    if values and is_plugin:
        if said:
            yield ""
        yield f"[{dotted_keys([*table, 'settings'])}]"
    for name, value in values.items():
        yield f"{dotted_keys([name])} = {_laid_out(value)}"


def _switches(settings: GroupSettings) -> Iterator[str]:
    for name, switch in (("enabled", settings.enabled), ("required", settings.required)):
        if switch is not None:
            yield f"{name} = {inline(switch)}"
    if settings.locked:
        yield f"locked = {inline([*sorted(settings.locked)])}"
    if null := sorted(name for name, value in settings.values.items() if value is None):
        yield f"null = {inline([*null])}"


def _laid_out(value: JsonValue) -> str:
    """A value, with a list that is too long for a line put on several."""
    text = inline(value)
    if len(text) <= WIDEST_LINE or not isinstance(value, list):
        return text
    return "[\n" + "".join(f"    {inline(one)},\n" for one in value) + "]"


def inline(value: JsonValue) -> str:
    """A value in one line of TOML; the value holds no null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(inline(one) for one in value) + "]"
    assert isinstance(value, Mapping), "TOML has no null"
    if not value:
        return "{}"
    return "{ " + ", ".join(f"{dotted_keys([key])} = {inline(inner)}" for key, inner in value.items()) + " }"


def shown(value: JsonValue) -> str:
    """A value for a person, as the file writes it; `null` where the file has another way to say so."""
    return "null" if value is None else inline(value)
