"""Who may do what: permissions, roles, and the permissions each role brings."""

from __future__ import annotations

from enum import StrEnum


class Permission(StrEnum):
    """One thing a principal may be allowed to do; fields and commands name the one they need."""

    CLIENTS_READ = "clients.read"
    CLIENTS_WRITE = "clients.write"
    DEBTORS_READ = "debtors.read"
    DEBTORS_WRITE = "debtors.write"
    CONTACTS_REVEAL = "contacts.reveal"
    IDENTITY_REVEAL = "identity.reveal"
    ACCOUNTS_READ = "accounts.read"
    ACCOUNTS_WRITE = "accounts.write"
    HOLDS_READ = "holds.read"
    HOLDS_WRITE = "holds.write"
    INTERACTIONS_READ = "interactions.read"
    INTERACTIONS_WRITE = "interactions.write"
    FACTS_READ = "facts.read"
    FACTS_WRITE = "facts.write"
    LICENCES_READ = "licences.read"
    LICENCES_WRITE = "licences.write"
    CONTACTS_ASK = "contacts.ask"
    CONTACTS_REQUEST = "contacts.request"
    DECISIONS_READ = "decisions.read"
    LEDGER_READ = "ledger.read"
    LEDGER_WRITE = "ledger.write"
    PAYMENTS_READ = "payments.read"
    PAYMENTS_CHARGE = "payments.charge"
    PAYMENTS_REFUND = "payments.refund"
    IMPORTS_READ = "imports.read"
    IMPORTS_WRITE = "imports.write"
    ACCESS_READ = "access.read"
    ACCESS_WRITE = "access.write"
    AUDIT_READ = "audit.read"
    DEPLOYMENT_READ = "deployment.read"
    DEPLOYMENT_WRITE = "deployment.write"
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    STRATEGIES_PREVIEW = "strategies.preview"
    EVENTS_READ = "events.read"
    EVENTS_WRITE = "events.write"
    PRIVACY_READ = "privacy.read"
    PRIVACY_WRITE = "privacy.write"
    PRIVACY_REVEAL = "privacy.reveal"
    SELF_READ = "self.read"


class PrincipalKind(StrEnum):
    """What a principal is."""

    PERSON = "PERSON"
    SERVICE = "SERVICE"
    DEBTOR = "DEBTOR"


class PrincipalStatus(StrEnum):
    """Whether a principal may sign in."""

    ACTIVE = "ACTIVE"
    DISABLED = "DISABLED"


class Role(StrEnum):
    """A named set of permissions that a principal is granted."""

    ADMIN = "ADMIN"
    MANAGER = "MANAGER"
    COLLECTOR = "COLLECTOR"
    AUDITOR = "AUDITOR"
    CLIENT = "CLIENT"
    DEBTOR = "DEBTOR"
    SERVICE = "SERVICE"


EVERY_PERMISSION: frozenset[Permission] = frozenset(Permission)

_CASE_READS = frozenset(
    {
        Permission.SELF_READ,
        Permission.CLIENTS_READ,
        Permission.DEBTORS_READ,
        Permission.ACCOUNTS_READ,
        Permission.HOLDS_READ,
        Permission.INTERACTIONS_READ,
        Permission.FACTS_READ,
        Permission.LEDGER_READ,
        Permission.PAYMENTS_READ,
    }
)
_CASE_WRITES = frozenset(
    {
        Permission.DEBTORS_WRITE,
        Permission.ACCOUNTS_WRITE,
        Permission.HOLDS_WRITE,
        Permission.INTERACTIONS_WRITE,
        Permission.FACTS_WRITE,
        Permission.LICENCES_READ,
        Permission.PAYMENTS_CHARGE,
    }
)

# Decisions tell of every client's contacts with a person: they are the agency's own, not a client's nor the debtor's.
_CONTACTS = frozenset({Permission.CONTACTS_ASK, Permission.CONTACTS_REQUEST, Permission.DECISIONS_READ})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: EVERY_PERMISSION,
    Role.MANAGER: _CASE_READS
    | _CASE_WRITES
    | _CONTACTS
    | {
        Permission.CONTACTS_REVEAL,
        Permission.IDENTITY_REVEAL,
        Permission.LICENCES_WRITE,
        Permission.LEDGER_WRITE,
        Permission.PAYMENTS_REFUND,
        Permission.IMPORTS_READ,
        Permission.IMPORTS_WRITE,
        Permission.ACCESS_READ,
        Permission.DEPLOYMENT_READ,
        Permission.SETTINGS_READ,
        Permission.EVENTS_READ,
        Permission.EVENTS_WRITE,
        Permission.STRATEGIES_PREVIEW,
        Permission.PRIVACY_READ,
    },
    Role.COLLECTOR: _CASE_READS
    | _CASE_WRITES
    | _CONTACTS
    | {Permission.CONTACTS_REVEAL, Permission.STRATEGIES_PREVIEW},
    # An auditor sees that something happened and to whom, never the phone or the national id itself.
    Role.AUDITOR: _CASE_READS
    | {
        Permission.DECISIONS_READ,
        Permission.LICENCES_READ,
        Permission.IMPORTS_READ,
        Permission.ACCESS_READ,
        Permission.AUDIT_READ,
        Permission.DEPLOYMENT_READ,
        Permission.SETTINGS_READ,
        Permission.EVENTS_READ,
        Permission.STRATEGIES_PREVIEW,
        Permission.PRIVACY_READ,
    },
    Role.CLIENT: _CASE_READS | {Permission.IMPORTS_READ},
    # Notes, the ledger's bookings and staff names are not the debtor's to see (design, "who owns what").
    Role.DEBTOR: frozenset({Permission.SELF_READ, Permission.DEBTORS_READ, Permission.ACCOUNTS_READ}),
    # The ceiling only: what a service may really do is the scopes of the key that it shows.
    Role.SERVICE: EVERY_PERMISSION,
}

AGENCY_ROLES: frozenset[Role] = frozenset({Role.ADMIN, Role.MANAGER, Role.COLLECTOR, Role.AUDITOR, Role.SERVICE})
"""Roles of the agency's own side; a principal that holds one counts as staff in the row-level policies."""

KIND_ROLES: dict[PrincipalKind, frozenset[Role]] = {
    PrincipalKind.PERSON: frozenset({Role.ADMIN, Role.MANAGER, Role.COLLECTOR, Role.AUDITOR, Role.CLIENT}),
    # A service of the agency, or of one of its clients.
    PrincipalKind.SERVICE: frozenset({Role.SERVICE, Role.CLIENT}),
    PrincipalKind.DEBTOR: frozenset({Role.DEBTOR}),
}
"""The roles that each kind of principal may be granted."""
