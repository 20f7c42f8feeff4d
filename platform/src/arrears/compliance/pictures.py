"""Frozen views of what was gathered, as plugins see it at an instant; they hold no names, numbers or addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from arrears.compliance.fact_pictures import (
    OF_THE_DEBT_ITSELF,
    concerns,
    facts_of_account,
    facts_of_point,
    is_open,
    licences,
    notice_picture,
    pending,
    stated_fact,
)
from arrears.compliance.gathered import (
    AccountFacts,
    Gathered,
    PlaceFacts,
)
from arrears.compliance.gathering import MOST_HISTORY
from arrears.compliance.places import lawful_places
from arrears.compliance.row_pictures import (
    account_picture,
    consent_concerns,
    consent_picture,
    endpoint_type,
    holds_in_force,
    interaction_picture,
    place_picture,
    standing_consents,
)
from arrears.compliance.settings import ComplianceSettings
from arrears.debtors.model import ZoneSource
from arrears.debtors.zones import zones_of_place
from arrears.kernel.calendar import told_day
from arrears.plugins.settings import DEPLOYMENT, Place
from arrears_sdk.errors import NotFoundError
from arrears_sdk.ids import encode_id
from arrears_sdk.law.facts import FactKind
from arrears_sdk.law.words import Attestation
from arrears_sdk.rules import chain
from arrears_sdk.views import (
    Account,
    ContactPoint,
    Debtor,
    Fact,
    Hold,
    Interaction,
    Licence,
    Notice,
)
from arrears_sdk.vocabulary import (
    DebtorKind,
    LineType,
    ResidenceKind,
)

# The day is another one elsewhere: what may be true somewhere on earth counts.
_WEST, _EAST = timedelta(hours=12), timedelta(hours=14)
_LAWFUL_PLACES = frozenset({ResidenceKind.RESIDENCE, ResidenceKind.CURRENT_LOCATION, ResidenceKind.STATED_LOCATION})


_NOTHING_SAID = ComplianceSettings()
_About: TypeAlias = tuple[UUID, tuple[UUID, ...], datetime, UUID | None, tuple[UUID, ...]]
"""What facts are about: the debtor, the accounts as asked for at an instant, the contact point; those of places."""


@dataclass(frozen=True)
class Album:
    """Views of one batch, each made once. An id that was not found, or may not be seen, raises NotFoundError."""

    gathered: Gathered
    _accounts: dict[tuple[UUID, datetime, datetime], Account] = field(default_factory=dict)
    _debtors: dict[tuple[UUID, datetime, frozenset[UUID]], Debtor] = field(default_factory=dict)
    _histories: dict[tuple[UUID, datetime], tuple[Interaction, ...]] = field(default_factory=dict)
    _interactions: dict[UUID, tuple[Interaction, ...]] = field(default_factory=dict)
    _slices: dict[tuple[UUID, int, int], tuple[Interaction, ...]] = field(default_factory=dict)
    _stated: dict[_About, tuple[Fact, ...]] = field(default_factory=dict)
    _known: dict[tuple[_About, datetime], tuple[Fact, ...]] = field(default_factory=dict)
    _notices: dict[tuple[UUID, frozenset[UUID]], tuple[Notice, ...]] = field(default_factory=dict)
    _licences: list[tuple[Licence, ...]] = field(default_factory=list)

    def facts(self, account_id: UUID, asked_at: datetime) -> AccountFacts:
        """The row of an account that was asked for."""
        found = self.gathered.accounts.get((account_id, asked_at))
        if found is None:
            raise _unknown("acct", "accountIds")
        return found

    def party(self, facts: AccountFacts, debtor_id: UUID | None) -> UUID:
        """The debtor, if that one stands or stood on the account; the primary debtor when none is named."""
        if debtor_id is None or debtor_id == facts.debtor_id or debtor_id in facts.parties:
            return debtor_id or facts.debtor_id
        raise _unknown("dbtr", "debtorId")

    def account(self, account_id: UUID, asked_at: datetime, at: datetime | None = None) -> Account:
        """An account as of the business day of the instant it was asked for, or of a later one."""
        at = at or asked_at
        key = (account_id, asked_at, at)
        if key not in self._accounts:
            facts = self.facts(account_id, asked_at)
            holds = [
                *self.gathered.account_holds.get(account_id, ()),
                *self.gathered.debtor_holds.get(facts.debtor_id, ()),
            ]
            self._accounts[key] = account_picture(facts, holds, at)
        return self._accounts[key]

    def debtor(self, debtor_id: UUID, at: datetime, clients: Collection[UUID]) -> Debtor:
        """A debtor as of an instant, with the consents that concern these clients."""
        key = (debtor_id, at, frozenset(clients))
        if key not in self._debtors:
            facts = self.gathered.debtors.get(debtor_id)
            if facts is None:
                raise _unknown("dbtr", "debtorId")
            languages = (facts.preferred_language, *facts.languages)
            self._debtors[key] = Debtor(
                id=encode_id("dbtr", debtor_id),
                kind=DebtorKind(facts.kind),
                places=tuple(place_picture(place) for place in self._places(debtor_id, at)),
                time_zones=self._zones(debtor_id, at),
                languages=tuple(dict.fromkeys(language for language in languages if language)),
                consents=tuple(
                    consent_picture(consent)
                    for consent in standing_consents(self.gathered.consents.get(debtor_id, ()), at)
                    if consent_concerns(consent, clients)
                ),
                born_on=None if facts.born_on is None else told_day(facts.born_on),
                deceased_on=self._deceased_on(debtor_id, at),
            )
        return self._debtors[key]

    def jurisdictions(self, debtor_id: UUID, at: datetime, clients: Iterable[str]) -> frozenset[str]:
        """The places whose law applies: where the debtor lives or is, with their parents; else the likeliest country.

        `clients` are the countries of the clients, the last resort: some law always applies.
        """
        places = self._places(debtor_id, at)
        lawful = [place for place in places if place.kind in _LAWFUL_PLACES]
        lawful = lawful or [place for place in places if place.kind == ResidenceKind.MAILING]
        if lawful:
            return frozenset().union(
                *(lawful_places(place.country, place.region, place.city, place.postal_code) for place in lawful)
            )
        country = self.gathered.debtors[debtor_id].country
        return frozenset().union(*(lawful_places(one, None, None, None) for one in ([country] if country else clients)))

    def facts_about(
        self,
        debtor_id: UUID,
        at: datetime,
        account_ids: Sequence[UUID],
        asked_at: datetime,
        jurisdictions: Collection[str],
        point: UUID | None = None,
    ) -> tuple[Fact, ...]:
        """Every fact that may concern an attempt and was known at its instant, also one that is over.

        Attempts about the same hold the same tuple, of which the look-ups of rules make one index.
        """
        here = tuple(row.id for row in self.gathered.stated_of_places if row.place in jurisdictions)
        about = (debtor_id, tuple(account_ids), asked_at, point, here)
        if about not in self._stated:
            self._stated[about] = self._facts_about(*about)
        found = self._stated[about]
        if all(fact.received_at <= at for fact in found):
            return found
        key = (about, at)
        if key not in self._known:
            self._known[key] = tuple(fact for fact in found if fact.received_at <= at)
        return self._known[key]

    def _facts_about(
        self,
        debtor_id: UUID,
        account_ids: Sequence[UUID],
        asked_at: datetime,
        point: UUID | None,
        here: Collection[UUID],
    ) -> tuple[Fact, ...]:
        accounts = [self.facts(id, asked_at) for id in account_ids]
        clients = {account.client_id for account in accounts}
        rows = [row for row in self.gathered.stated.get(debtor_id, ()) if concerns(row, clients)]
        for id in account_ids:
            rows += [
                row
                for row in self.gathered.stated_of_accounts.get(id, ())
                if row.debtor_id != debtor_id and row.kind in OF_THE_DEBT_ITSELF
            ]
        rows += [row for row in self.gathered.stated_of_places if row.id in here]
        found = [fact for fact in map(stated_fact, rows) if fact is not None]
        for account in accounts:
            found += facts_of_account(account)
        if point is not None and point in self.gathered.points:
            found += facts_of_point(self.gathered.points[point])
        return tuple(found)

    def notices(self, debtor_id: UUID, clients: Collection[UUID]) -> tuple[Notice, ...]:
        """The notices to a debtor that may be about debts of these clients."""
        key = (debtor_id, frozenset(clients))
        if key not in self._notices:
            rows = [
                row
                for row in self.gathered.notices.get(debtor_id, ())
                if row.accounts or row.client_id is None or row.client_id in key[1]
            ]
            self._notices[key] = tuple(found for found in map(notice_picture, rows) if found is not None)
        return self._notices[key]

    def licences(self) -> tuple[Licence, ...]:
        """What the agency holds anywhere, also what is over."""
        if not self._licences:
            self._licences.append(licences(self.gathered.licences))
        return self._licences[0]

    def attestations(self, accounts: Iterable[AccountFacts] = ()) -> frozenset[Attestation]:
        """What the agency states about itself, as far as it does so for all of these accounts."""
        said = [settings.attestations for settings in self._agency(accounts)]
        return frozenset.intersection(*said) if said else frozenset()

    def licensed_places(self, at: datetime, accounts: Iterable[AccountFacts] = ()) -> frozenset[str]:
        """The places whose law applies since the agency holds a licence there, where a client's settings say so."""
        if all(settings.licence_places == "NONE" for settings in self._agency(accounts)):
            return frozenset()
        today = at.date()
        held = [
            licence.place.split("-", 2)
            for licence in self.licences()
            if licence.from_on <= today and (licence.until_on is None or today <= licence.until_on)
        ]
        return frozenset().union(*(chain(*parts) for parts in held))

    def _agency(self, accounts: Iterable[AccountFacts]) -> list[ComplianceSettings]:
        places = {Place(account.client_id, account.portfolio_id) for account in accounts} or {DEPLOYMENT}
        return [self.gathered.agency.get(place, _NOTHING_SAID) for place in places]

    def _deceased_on(self, debtor_id: UUID, at: datetime) -> date | None:
        deaths = [
            row
            for row in self.gathered.stated.get(debtor_id, ())
            if row.kind == FactKind.DEATH and row.received_at <= at and (row.ends_at is None or at < row.ends_at)
        ]
        # One of which the day is not known counts from the day on which it was told.
        return min((row.on or row.starts_at.date() for row in deaths if row.starts_at <= at), default=None)

    def holds(self, debtor_id: UUID, account_ids: Iterable[UUID], at: datetime) -> tuple[Hold, ...]:
        """What is in force at an instant: on everything of the debtor, and on these accounts."""
        found = [*self.gathered.debtor_holds.get(debtor_id, ())]
        for account_id in account_ids:
            found += self.gathered.account_holds.get(account_id, ())
        return holds_in_force(found, at)

    def history(self, debtor_id: UUID, at: datetime) -> tuple[Interaction, ...]:
        """What the debtor heard, newest first, in the 366 days up to an instant.

        Instants between which nothing comes in and nothing drops out have the same tuple, of which rules keep an index.
        """
        key = (debtor_id, at)
        if key not in self._histories:
            found = self._heard(debtor_id, at)
            open_ones = [row for row in self.gathered.permits.get(debtor_id, ()) if is_open(row, at)]
            if open_ones:
                zones = self._zones(debtor_id, at)
                made = [*found, *(pending(row, zones) for row in open_ones)]
                found = tuple(sorted(made, key=lambda one: one.started_at, reverse=True)[:MOST_HISTORY])
            self._histories[key] = found
        return self._histories[key]

    def _heard(self, debtor_id: UUID, at: datetime) -> tuple[Interaction, ...]:
        rows = self.gathered.history.get(debtor_id, ())[:MOST_HISTORY]
        since = at - timedelta(days=366)
        # The rows come newest first, so what lies between two instants lies together.
        first = sum(row.started_at > at for row in rows)
        last = sum(row.started_at > since for row in rows)
        if debtor_id not in self._interactions:
            self._interactions[debtor_id] = tuple(map(interaction_picture, rows))
        key = (debtor_id, first, last)
        if key not in self._slices:
            self._slices[key] = self._interactions[debtor_id][first:last]
        return self._slices[key]

    def point(self, contact_point_id: UUID, debtor_id: UUID) -> ContactPoint:
        """A contact point of the debtor."""
        row = self.gathered.points.get(contact_point_id)
        if row is None or row.debtor_id != debtor_id:
            raise _unknown("cont", "contactPointId")
        return ContactPoint(
            id=encode_id("cont", row.id),
            endpoint_type=endpoint_type(row),
            line_type=None if row.line_type is None else LineType(row.line_type),
            obtained_on=None if row.obtained_on is None else told_day(row.obtained_on),
            employer_provided=row.owner == "EMPLOYER",
            area_zones=tuple(row.area_zones),
            invalid=row.validity == "INVALID",
        )

    def _places(self, debtor_id: UUID, at: datetime) -> list[PlaceFacts]:
        return [
            place
            for place in self.gathered.places.get(debtor_id, ())
            if (place.until_on is None or place.until_on >= (at - _WEST).date())
            and (place.from_on is None or place.from_on <= (at + _EAST).date())
        ]

    def _zones(self, debtor_id: UUID, at: datetime) -> tuple[str, ...]:
        """Every zone in which the debtor may be: where it is known to be, else all candidates (rule sheet, 0.4)."""
        standing = {place.id for place in self._places(debtor_id, at)}
        candidates = [
            zone
            for zone in self.gathered.zones.get(debtor_id, ())
            if zone.residence_id is None or zone.residence_id in standing
        ]
        certain = [zone for zone in candidates if zone.source == ZoneSource.CURRENT_LOCATION]
        found = tuple(dict.fromkeys(zone.zone for zone in certain or candidates))
        country = self.gathered.debtors[debtor_id].country
        return found or (zones_of_place(country, None) if country else ())


def _unknown(kind: str, field: str) -> NotFoundError:
    return NotFoundError(f"There is no such record ({kind}) that you may see.", field=(field,))
