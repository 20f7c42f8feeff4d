"""Laws of settings: how layers resolve, what locks take away, and that a file says what it was written from."""

from __future__ import annotations

import string
from uuid import UUID

from hypothesis import given, settings, strategies as st

from arrears.configuration.document import RESERVED, Document, NamedPlace, dotted, read_document
from arrears.configuration.model import NOTHING, said, same_settings, same_value, stored
from arrears.configuration.planning import Statement, consequences, says, wider_locks, with_statements
from arrears.configuration.positions import line_of
from arrears.configuration.writing import written
from arrears.plugins.settings import DEPLOYMENT, GroupSettings, Place, SettingScope, SettingsSnapshot

CLIENTS = [UUID(int=1), UUID(int=2)]
PORTFOLIOS = [UUID(int=11), UUID(int=12)]
PLACES = [DEPLOYMENT, *(Place(one) for one in CLIENTS), *(Place(CLIENTS[0], one) for one in PORTFOLIOS)]
NAMES = ["a", "b", "c"]

unhurried = settings(deadline=None)
switches = st.sampled_from([None, True, False])
small_settings = st.builds(
    GroupSettings,
    enabled=switches,
    required=switches,
    values=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), max_size=3),
    locked=st.frozensets(st.sampled_from([*NAMES, "enabled"]), max_size=2),
)
layers = st.dictionaries(st.sampled_from(PLACES), small_settings, max_size=5)


def snapshot_of(said_at: dict[Place, GroupSettings], default: GroupSettings = NOTHING) -> SettingsSnapshot:
    return SettingsSnapshot(1, {place: {"g": one} for place, one in said_at.items()}, {"g": default})


def naive_value(stack: list[tuple[SettingScope, GroupSettings]], name: str) -> tuple[object, SettingScope | None]:
    """The last word of those that come no later than the first lock; written without a look at the real one."""
    heard = []
    for scope, layer in stack:
        heard.append((scope, layer))
        if name in layer.locked:
            break
    for scope, layer in reversed(heard):
        if name == "enabled" and layer.enabled is not None:
            return layer.enabled, scope
        if name != "enabled" and name in layer.values:
            return layer.values[name], scope
    return (False, SettingScope.DEFAULT) if name == "enabled" else (None, None)


@unhurried
@given(layers, small_settings, st.sampled_from(PLACES))
def test_a_value_is_the_narrowest_word_up_to_the_first_lock(
    said_at: dict[Place, GroupSettings], default: GroupSettings, place: Place
) -> None:
    found = snapshot_of(said_at, default).effective("g", place)

    stack = [(SettingScope.DEFAULT, default)]
    stack += [(SettingScope.DEPLOYMENT, said_at.get(DEPLOYMENT, NOTHING))]
    if place.client_id:
        stack.append((SettingScope.CLIENT, said_at.get(Place(place.client_id), NOTHING)))
    if place.portfolio_id:
        stack.append((SettingScope.PORTFOLIO, said_at.get(place, NOTHING)))
    assert (found.enabled, found.enabled_origin) == naive_value(stack, "enabled")
    for name in NAMES:
        assert (found.values.get(name), found.origins.get(name)) == naive_value(stack, name)
        first = next((scope for scope, layer in stack if name in layer.locked), None)
        assert found.locked_at.get(name) == first
    assert found.required == any(layer.required for _, layer in stack)


@unhurried
@given(layers, layers)
def test_what_a_lock_takes_away_is_all_that_was_not_heard(
    before: dict[Place, GroupSettings], stated: dict[Place, GroupSettings]
) -> None:
    snapshot = snapshot_of(before)
    # What the deployment holds has come about in this way.
    of_deployment = Statement(DEPLOYMENT, "g", says(snapshot, DEPLOYMENT, "g"))
    snapshot = with_statements(snapshot, consequences(snapshot, [of_deployment]))
    statements = [Statement(place, "g", one) for place, one in stated.items()]

    changes = consequences(snapshot, statements)
    after = with_statements(snapshot, changes)

    # Done once, nothing is left to do.
    assert consequences(after, statements) == []
    # What holds anywhere is what the statements make hold, with or without what was cleared.
    plain = with_statements(snapshot, statements)
    for place in PLACES:
        assert after.effective("g", place) == plain.effective("g", place)
        if place not in stated:
            locked = wider_locks(after, place, "g")
            assert not set(says(after, place, "g").values) & set(locked)
    # Nobody else is touched.
    touched = {change.place for change in changes}
    assert all(says(after, place, "g") == says(snapshot, place, "g") for place in PLACES if place not in touched)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
leaves = st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts
inner = st.recursive(
    leaves, lambda below: st.lists(below, max_size=3) | st.dictionaries(texts, below, max_size=3), max_leaves=6
)
references = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
names = st.text(string.ascii_lowercase + "-_", min_size=1, max_size=6).filter(lambda name: name not in RESERVED)
any_settings = st.builds(
    GroupSettings,
    enabled=switches,
    required=switches,
    values=st.dictionaries(names, st.none() | inner, max_size=4),
    locked=st.frozensets(names, max_size=2),
)
group_settings = st.builds(GroupSettings, values=st.dictionaries(names, st.none() | inner, max_size=4))
named_places = st.builds(NamedPlace) | st.builds(NamedPlace, references) | st.builds(NamedPlace, references, references)


@unhurried
@given(
    st.dictionaries(
        st.tuples(named_places, names, st.booleans()), any_settings.filter(lambda one: one != NOTHING), max_size=5
    )
)
def test_a_file_says_what_it_was_written_from(said_at: dict[tuple[NamedPlace, str, bool], GroupSettings]) -> None:
    # A part of the platform is neither on nor off.
    said_at = {
        key: one if key[2] else GroupSettings(values=one.values, locked=one.locked) for key, one in said_at.items()
    }

    text = written((place, group, is_plugin, one) for (place, group, is_plugin), one in said_at.items())
    document = read_document(text)

    assert isinstance(document, Document), document
    found = {(one.place, one.group, one.is_plugin): one.settings for one in document.statements}
    assert found.keys() == said_at.keys()
    assert all(same_settings(found[key], said_at[key]) for key in said_at)
    for one in document.statements:
        # Every path is found on a line that holds its last name.
        line = line_of(text, one.path)
        assert line is not None
        assert dotted((one.group,)) in text.split("\n")[line - 1]


@unhurried
@given(any_settings)
def test_settings_are_stored_as_they_are(one: GroupSettings) -> None:
    assert same_settings(said(stored(one)), one)


@unhurried
@given(inner, inner)
def test_a_value_is_the_same_as_itself_and_not_as_another_kind(one: object, other: object) -> None:
    assert same_value(one, one)  # type: ignore[arg-type]
    assert same_value(one, other) == same_value(other, one)  # type: ignore[arg-type]
    assert not same_value(True, 1)
    assert same_value({"a": [1.0]}, {"a": [1]})
