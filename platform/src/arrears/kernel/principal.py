"""Who acts: a person, a service, a debtor, or the platform itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID, uuid5

from arrears.kernel.scope import Scope

PrincipalKind = Literal["PERSON", "SERVICE", "DEBTOR", "SYSTEM"]

EVERY_PERMISSION = "*"
_SYSTEM_NAMES = UUID("6f1b3c1e-7d0a-5a7e-9a44-0c5f0a11ce55")


@dataclass(frozen=True)
class Principal:
    """One actor with its roles, what it may do and which rows it may see."""

    id: UUID
    kind: PrincipalKind
    name: str
    roles: frozenset[str]
    permissions: frozenset[str]
    scope: Scope
    credential: str | None = field(default=None, repr=False)

    @classmethod
    def system(cls, name: str) -> Principal:
        """The platform acting by itself, for instance in a job. The same name is the same principal everywhere."""
        return cls(
            id=uuid5(_SYSTEM_NAMES, name),
            kind="SYSTEM",
            name=name,
            roles=frozenset(),
            permissions=frozenset({EVERY_PERMISSION}),
            scope=Scope.everything(),
        )

    def may(self, permission: str) -> bool:
        """Whether the principal has a permission, such as `accounts.write`."""
        return permission in self.permissions or EVERY_PERMISSION in self.permissions
