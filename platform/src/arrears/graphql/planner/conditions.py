"""`where` into SQL, by operators that keep their index under row-level security."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from arrears.graphql.declarations import ColumnField, MoneyField, OneField
from arrears.graphql.filters import Filter
from arrears.graphql.planner.runtime import Parameters, Slot, current, getter, id_getter, ids_getter, items_getter
from arrears.graphql.scalars import money_minor

if TYPE_CHECKING:
    from arrears.graphql.build import Entity

_OPERATORS = {"eq": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "startsWith": "^@"}
# What `require` does: note that the principal needs this permission.
Require = Callable[[str | None, str], None]
Template = Callable[[str], str]


class Conditions:
    """Compiles the `where` of one entity over one row alias."""

    def __init__(
        self,
        entity: Entity,
        row: str,
        parameters: Parameters,
        template: Template,
        require: Require,
        count: Callable[[], None],
    ) -> None:
        self.entity = entity
        self.row = row
        self.parameters = parameters
        self.template = template
        self.require = require
        self.count = count

    def compile(self, where: Any) -> list[str]:
        """One SQL condition for each thing that `where` says; all must hold."""
        found: list[str] = []
        for name, value in (where or {}).items():
            if value is None:
                continue
            if name == "and":
                found += [self._all(item) for item in _listed(value)]
            elif name == "or":
                found.append("(" + (" or ".join(self._all(item) for item in _listed(value)) or "false") + ")")
            elif name == "not":
                found.append(f"not {self._all(value)}")
            else:
                found += self._compare(self.entity.filters[name], value)
        return found

    def _all(self, where: Any) -> str:
        self.count()
        return "(" + (" and ".join(self.compile(where)) or "true") + ")"

    def _compare(self, wanted: Filter, comparison: dict[str, Any]) -> list[str]:
        self.count()
        declared = wanted.declared
        self.require(declared.permission, wanted.name)
        if isinstance(declared, ColumnField) and declared.reveal:
            self.require(declared.reveal, wanted.name)
        if isinstance(declared, MoneyField):
            return self._compare_money(declared, comparison)
        if isinstance(declared, ColumnField) and declared.filter_sql is not None:
            return self._compare_states(declared, comparison)
        column = self._column(wanted)
        return [
            self._operation(wanted, column, operator, value)
            for operator, value in comparison.items()
            if value is not None
        ]

    def _column(self, wanted: Filter) -> str:
        declared = wanted.declared
        if isinstance(declared, OneField):
            return f"{self.row}.{declared.column}"
        if isinstance(declared, ColumnField):
            if declared.sql is not None:
                return f"({self.template(declared.sql)})"
            return f"{self.row}.{declared.column or wanted.name}"
        return f"{self.row}.id"

    def _operation(self, wanted: Filter, column: str, operator: str, value: Any) -> str:
        if operator == "in":
            find = ids_getter(value, wanted.prefix) if wanted.prefix else items_getter(value)
            return f"{column} = any({self.parameters.add(find, wanted.sql_type + '[]')})"
        if wanted.prefix:
            find = id_getter(value, wanted.prefix)
        elif isinstance(value, enum.Enum):
            find = getter(value.value)
        else:
            find = getter(value)
        return f"{column} {_OPERATORS[operator]} {self.parameters.add(find, wanted.sql_type)}"

    def _compare_money(self, declared: MoneyField, comparison: dict[str, Any]) -> list[str]:
        currency = getter(comparison["currency"])
        found = [f"{self.row}.{declared.currency} = {self.parameters.add(currency, 'text')}"]
        for operator, value in comparison.items():
            if operator != "currency" and value is not None:
                amount = getter(value)
                minor = self.parameters.add(_minor(amount, currency), "bigint")
                found.append(f"{self.row}.{declared.minor} {_OPERATORS[operator]} {minor}")
        return found

    def _compare_states(self, declared: ColumnField, comparison: dict[str, Any]) -> list[str]:
        found: list[str] = []
        for value in comparison.values():
            if value is None:
                continue
            members = [current(item) for item in _listed(value)]
            states = [(declared.filter_sql or {})[getattr(member, "value", member)] for member in members]
            found.append("(" + (" or ".join(f"({self.template(state)})" for state in states) or "false") + ")")
        return found


def _minor(amount: Any, currency: Any) -> Any:
    return lambda runtime: money_minor(amount(runtime), currency(runtime))


def _listed(value: Any) -> list[Any]:
    if isinstance(value, Slot):
        value = value.value
    return value if isinstance(value, list) else [value]
