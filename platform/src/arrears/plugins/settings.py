"""Settings by scope: default, deployment, client, portfolio. The nearest scope decides, unless a wider one locked it.

Settings stand in groups: one for each plugin, under its name, and one for each part of the platform that has any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from arrears_sdk.errors import FaultError
from arrears_sdk.events import JsonValue
from arrears_sdk.ids import encode_id

if TYPE_CHECKING:
    from arrears_sdk.plugin import Config


class SettingScope(StrEnum):
    """How far a setting reaches, from the widest."""

    DEFAULT = "DEFAULT"
    DEPLOYMENT = "DEPLOYMENT"
    CLIENT = "CLIENT"
    PORTFOLIO = "PORTFOLIO"


@dataclass(frozen=True)
class Place:
    """Whose settings are meant: a portfolio's, a client's, or with neither the deployment's."""

    client_id: UUID | None = None
    portfolio_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.portfolio_id is not None and self.client_id is None:
            raise FaultError("A portfolio's settings are asked for together with its client.")

    @property
    def scope(self) -> SettingScope:
        """The narrowest scope that is named."""
        if self.portfolio_id is not None:
            return SettingScope.PORTFOLIO
        return SettingScope.CLIENT if self.client_id is not None else SettingScope.DEPLOYMENT

    @property
    def shown(self) -> str:
        """The place in words, for a log or a check."""
        if self.client_id is None:
            return "the deployment"
        if self.portfolio_id is None:
            return encode_id("clnt", self.client_id)
        return encode_id("port", self.portfolio_id)

    def outwards(self) -> Iterator[Place]:
        """The deployment's place, then the client's, then the portfolio's: in the order in which they are laid over."""
        yield DEPLOYMENT
        if self.client_id is not None:
            yield Place(self.client_id)
        if self.portfolio_id is not None:
            yield self


DEPLOYMENT = Place()


@dataclass(frozen=True)
class GroupSettings:
    """What one place says about one group. `locked` names settings that no narrower place may change."""

    enabled: bool | None = None
    required: bool | None = None
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()


@dataclass(frozen=True)
class EffectiveSettings:
    """What holds for one group at one place. `origins` says for each value which scope it comes from."""

    group: str
    enabled: bool
    required: bool
    enabled_origin: SettingScope
    values: Mapping[str, JsonValue]
    origins: Mapping[str, SettingScope]
    locked_at: Mapping[str, SettingScope]


@dataclass(frozen=True)
class SettingsSnapshot:
    """All settings of the deployment as of one version; versions count up, and old ones are kept."""

    version: int = 0
    places: Mapping[Place, Mapping[str, GroupSettings]] = field(default_factory=dict)
    defaults: Mapping[str, GroupSettings] = field(default_factory=dict)

    def effective(self, group: str, place: Place = DEPLOYMENT) -> EffectiveSettings:
        """What holds for a group at a place, with the origin of each value.

        Only values that were set are listed; the defaults of a group's settings class are not repeated here.
        """
        layers = [(SettingScope.DEFAULT, self.defaults.get(group))]
        layers += [(one.scope, self.places.get(one, {}).get(group)) for one in place.outwards()]
        enabled, required, enabled_origin = False, False, SettingScope.DEFAULT
        values: dict[str, JsonValue] = {}
        origins: dict[str, SettingScope] = {}
        locked: dict[str, SettingScope] = {}
        for scope, said in layers:
            if said is None:
                continue
            if said.enabled is not None and "enabled" not in locked:
                enabled, enabled_origin = said.enabled, scope
            if said.required is not None:
                required = required or said.required
            for name, value in said.values.items():
                if name not in locked:
                    values[name], origins[name] = value, scope
            for name in said.locked:
                locked.setdefault(name, scope)
        return EffectiveSettings(group, enabled, required, enabled_origin, values, origins, locked)

    def enabled_anywhere(self, group: str) -> bool:
        """Whether some place enables the group: only such a plugin is ever imported."""
        return any(effective.enabled for effective in self._anywhere(group))

    def required_anywhere(self, group: str) -> bool:
        """Whether some place enables the group and cannot do without it: then no server starts without it."""
        return any(effective.enabled and effective.required for effective in self._anywhere(group))

    def _anywhere(self, group: str) -> Iterator[EffectiveSettings]:
        named = (place for place, groups in self.places.items() if group in groups)
        return (self.effective(group, place) for place in (DEPLOYMENT, *named))


@dataclass(frozen=True)
class SettingGroup:
    """A group of settings of the platform itself: its name, its class and what it is for."""

    name: str
    config: type[Config]
    about: str


@dataclass
class SettingGroups:
    """The groups that the platform's own parts declared, by name."""

    groups: dict[str, SettingGroup] = field(default_factory=dict)

    def declare(self, name: str, config: type[Config], about: str) -> SettingGroup:
        """Make a group known; a second one of the name stops the start."""
        known = self.groups.get(name)
        if known is not None and known.config is not config:
            raise FaultError(f"Two groups of settings are called {name!r}.")
        self.groups[name] = SettingGroup(name, config, about)
        return self.groups[name]


setting_groups = SettingGroups()
