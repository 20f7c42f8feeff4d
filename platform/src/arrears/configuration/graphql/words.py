"""The closed lists of settings and plugins, described for the schema."""

from __future__ import annotations

from arrears.graphql.declare import describe_enum
from arrears.plugins.settings import SettingScope
from arrears.plugins.status import CheckStatus, PluginState
from arrears_sdk.hooks import Family

describe_enum(
    SettingScope,
    "How far a setting reaches. The narrowest scope decides, unless a wider one has locked the setting.",
    {
        "DEFAULT": "What the plugin or the platform itself comes with.",
        "DEPLOYMENT": "The whole deployment.",
        "CLIENT": "One client.",
        "PORTFOLIO": "One portfolio of a client.",
    },
)
describe_enum(
    PluginState,
    "Whether a plugin works.",
    {
        "ENABLED": "Some place enables it, and it came up.",
        "DISABLED": "No place enables it: it is not even imported.",
        "INCOMPATIBLE": "It is made for another version of the SDK.",
        "FAILED": "It is enabled and could not be loaded or started.",
        "BROKEN": "It came up, and failed so often since that it is left alone for a while.",
    },
)
describe_enum(
    CheckStatus,
    "How a check of a plugin came out.",
    {
        "OK": "All is well.",
        "WARNING": "It works, and something should be looked at.",
        "FAILED": "It does not work until this is mended.",
    },
)
describe_enum(
    Family,
    "What a hook's answers are for, which decides how they are combined and what a failure does.",
    {family.name: f"{family.combined} When one fails: {family.on_failure}" for family in Family},
)
