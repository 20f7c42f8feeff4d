"""The base class of plugins: one typed method for each hook. A plugin overrides those that it wants."""

from __future__ import annotations

import difflib
import re
from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Generic, TypeAlias, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypeVar

from arrears_sdk.events import JsonValue
from arrears_sdk.hooks import HOOKS, Family, hook, implements

if TYPE_CHECKING:
    from arrears_sdk.host import Host
    from arrears_sdk.ports.gateway import Gateway
    from arrears_sdk.ports.graphql import GraphQLParts
    from arrears_sdk.ports.importer import Importer
    from arrears_sdk.ports.strategy import Strategy
    from arrears_sdk.ports.subscriber import Subscriber
    from arrears_sdk.rules import AnyPack
    from arrears_sdk.ruling import Ruling
    from arrears_sdk.views import Account, ActionAttempt, ContactAttempt, DataSubject, PaymentAttempt, Score

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME = 40
_SIMILAR = 0.8


class PluginDefinitionError(TypeError):
    """A plugin class is written wrongly; raised when its module is imported, with what to change."""


class Config(BaseModel):
    """Base of a plugin's settings: frozen, and a setting that it does not know is refused.

    Each field needs a default, or every client that enables the plugin has to set it. Secrets are `SecretStr`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoConfig(Config):
    """The settings of a plugin that has none."""


AnswerT = TypeVar("AnswerT")
ConfigT = TypeVar("ConfigT", bound=Config, default=NoConfig)

Answer: TypeAlias = AnswerT | Awaitable[AnswerT]
"""What a hook gives: the answer itself from a plain method, or an awaitable of it from an `async` one."""


class Plugin(Generic[ConfigT]):
    """A plugin for one set of settings. The host makes one object for each set that is in use.

    Hooks may be plain or `async` methods; they run beside the platform, never in its way, within a time budget. They
    keep nothing on `self` between calls: what has to last goes into `self.host.values(...)`.
    """

    name: ClassVar[str]
    """Lower-case words joined by hyphens, the same as the entry point's name: `quiet-hours`."""
    version: ClassVar[str] = "0"
    """Of a plugin that is a single file; an installed one has the version of its distribution."""
    personal_data: ClassVar[bool] = False
    """Whether it keeps data about persons; then it must implement `export_personal_data` and `erase_personal_data`."""
    packs: ClassVar[Sequence[AnyPack]] = ()
    """The rule packs from which it answers, so that their rules can be listed and their cases run."""
    config_type: ClassVar[type[Config]] = NoConfig
    """The settings class, taken from the base: `class QuietHours(Plugin[QuietHoursConfig])`."""

    def __init__(self, config: ConfigT, host: Host) -> None:
        self.config = config
        self.host = host

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            if get_origin(base) is Plugin and isinstance(get_args(base)[0], type):
                cls.config_type = get_args(base)[0]
        _check(cls)

    @classmethod
    def hooks(cls) -> tuple[str, ...]:
        """The names of the hooks that this plugin implements, in the order of the reference."""
        return tuple(name for name in HOOKS if implements(cls, Plugin, name))

    async def start(self) -> None:
        """Called once before the first hook of this object, for connections and the like."""

    async def stop(self) -> None:
        """Called once after the last hook of this object."""

    @hook
    def register_strategies(self) -> Sequence[Strategy]:
        """The strategies that clients can choose. Pure and quick; asked again for each set of settings."""
        return ()

    @hook
    def register_gateways(self) -> Sequence[Gateway]:
        """The payment providers that clients can choose. Pure and quick: connect in `start`."""
        return ()

    @hook
    def register_importers(self) -> Sequence[Importer]:
        """The file formats that imports can name."""
        return ()

    @hook
    def register_subscribers(self) -> Sequence[Subscriber]:
        """Who is to be told of which events, after they were committed."""
        return ()

    @hook
    def register_graphql(self) -> GraphQLParts:
        """What is added to the schema. Built once, at the start, from the deployment's settings."""
        from arrears_sdk.ports.graphql import GraphQLParts

        return GraphQLParts()

    @hook
    def rule_on_contacts(self, attempts: Sequence[ContactAttempt]) -> Answer[Sequence[Ruling]]:
        """Whether each contact may be made: one ruling for each attempt, in their order."""
        raise NotImplementedError

    @hook
    def rule_on_payments(self, attempts: Sequence[PaymentAttempt]) -> Answer[Sequence[Ruling]]:
        """Whether each payment may be taken: one ruling for each attempt, in their order."""
        raise NotImplementedError

    @hook
    def rule_on_actions(self, attempts: Sequence[ActionAttempt]) -> Answer[Sequence[Ruling]]:
        """Whether each act (a suit, a fee, a credit report) may be done: one ruling for each, in their order."""
        raise NotImplementedError

    @hook
    def score_accounts(self, accounts: Sequence[Account]) -> Answer[Sequence[Score]]:
        """What to expect of each account: one score for each, in their order."""
        raise NotImplementedError

    @hook
    def export_personal_data(self, subject: DataSubject) -> Answer[Mapping[str, JsonValue]]:
        """Everything that this plugin keeps about a person, here or at its provider, under readable names.

        Asked once with no `client_id`, for what `host.values()` holds, and once for each client of the person, for
        `host.values(subject.client_id)`. `JsonValue` is Pydantic's.
        """
        raise NotImplementedError

    @hook
    def erase_personal_data(self, subject: DataSubject) -> Answer[None]:
        """Erase everything about a person, here and at the provider. Erasing what is gone already is no error.

        Asked as often as `export_personal_data`.
        """
        raise NotImplementedError


def _check(cls: type[Plugin[ConfigT]]) -> None:
    if not issubclass(cls.config_type, Config):
        raise PluginDefinitionError(
            f"The settings of {cls.__qualname__} must derive from arrears_sdk.Config:"
            f" class {cls.config_type.__name__}(Config)."
        )
    name = cls.__dict__.get("name", getattr(cls, "name", None))
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise PluginDefinitionError(
            f"{cls.__qualname__} needs a `name`: lower-case words joined by hyphens, at most {_LONGEST_NAME}"
            f' characters, such as name = "quiet-hours".'
        )
    known = set(dir(Plugin))
    verbs = tuple(verb for family in Family for verb in family.verbs)
    for attribute, value in vars(cls).items():
        if attribute.startswith("_") or attribute in known or not callable(value):
            continue
        near = difflib.get_close_matches(attribute, HOOKS, n=1, cutoff=_SIMILAR)
        if near or attribute.startswith(verbs):
            nearest = near or difflib.get_close_matches(attribute, HOOKS, n=1, cutoff=0.0)
            raise PluginDefinitionError(
                f"{cls.__qualname__}.{attribute} is no hook; the nearest is {nearest[0]}."
                f" A method of your own that is none starts with an underscore."
            )
    if cls.personal_data:
        duties = ("export_personal_data", "erase_personal_data")
        lacking = [duty for duty in duties if not implements(cls, Plugin, duty)]
        if lacking:
            raise PluginDefinitionError(
                f"{cls.__qualname__} says personal_data = True and must implement {' and '.join(lacking)}."
            )
