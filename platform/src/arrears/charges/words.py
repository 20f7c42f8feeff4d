"""What the words of fees mean, as the schema tells it."""

from __future__ import annotations

from arrears.charges.model import FeeKind, FeePeriod, FeeState, FeeStep
from arrears.graphql.declare import describe_enum

describe_enum(
    FeeKind,
    "What a fee is for.",
    {"LATE": "The debt is past due.", "DUNNING": "The debtor was reminded of the debt."},
)
describe_enum(
    FeePeriod,
    "How often a rule charges an account.",
    {
        "ONCE": "Once.",
        "MONTHLY": "Once a month, for as long as the debt is late.",
        "PER_INSTALMENT": "Once for each due day that is late.",
        "PER_NOTICE": "Once for each notice that was given to the debtor.",
    },
)
describe_enum(
    FeeState,
    "Where a fee stands.",
    {
        "QUOTED": "The debtor is told of it; nothing is owed for it.",
        "CLAIMED": "It is owed, and stands in the ledger.",
        "WAIVED": "The creditor let the debtor off it.",
        "PAID": "The fees paid on the account cover it.",
    },
)
describe_enum(
    FeeStep,
    "What happened to a fee.",
    {
        "QUOTED": "It came about by its rule.",
        "REFUSED": "It was to be claimed, and a rule did not allow it.",
        "CLAIMED": "It became owed.",
        "WAIVED": "It was waived.",
        "PAID": "The fees paid on the account came to cover it.",
        "UNPAID": "A payment that covered it, or its waiver, did not hold: it is owed again.",
    },
)
