"""Inventing the debtors: people and firms with names, homes, numbers and addresses that lead to nobody."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from uuid import UUID

from arrears.debtors.commands.inputs import (
    DebtorCreate,
    NewClientLink,
    NewContactPoint,
    NewName,
    NewNationalId,
    NewResidence,
)
from arrears.debtors.model import (
    ContactChannel,
    ContactUse,
    DebtorKind,
    LineType,
    NameKind,
    NationalIdKind,
    ResidenceKind,
)
from arrears.demo.country import City, Country, fill, mail_address

# Numbers that the registers never give out: area 666 in the United States, prefix QQ in the United Kingdom.
_NATIONAL_IDS = {"US": "666-##-####", "GB": "QQ ## ## ## C"}


@dataclass(eq=False)
class Invented:
    """An invented debtor, and the id that it has once it is stored."""

    kind: DebtorKind
    names: tuple[NewName, ...]
    city: City
    country: Country
    address: str
    postal_code: str
    mobile: str
    landline: str | None
    mail: str | None
    age_years: int | None
    national_id: str | None
    debtor_id: UUID | None = None

    @property
    def is_company(self) -> bool:
        """Whether it is a firm."""
        return self.kind is DebtorKind.COMPANY

    def as_debtor(self, client_id: UUID, reference: str, on: datetime.date) -> DebtorCreate:
        """The command that makes the debtor, as its client knew it on a day."""
        born_on = None if self.age_years is None else on - datetime.timedelta(days=self.age_years * 365 + 97)
        identifiers: tuple[NewNationalId, ...] = ()
        if self.national_id is not None:
            identifiers = (
                NewNationalId(kind=NationalIdKind.SOCIAL_SECURITY, country=self.country.code, number=self.national_id),
            )
        return DebtorCreate(
            kind=self.kind,
            clients=(NewClientLink(client_id=client_id, reference=reference),),
            names=self.names,
            residences=(self._residence(on),),
            contact_points=tuple(self._contact_points(on)),
            national_ids=identifiers,
            date_of_birth=born_on,
            country=self.country.code,
            preferred_language=self.country.language,
            languages=(self.country.language,),
            legal_form=self.country.legal_form if self.is_company else None,
        )

    def _residence(self, on: datetime.date) -> NewResidence:
        return NewResidence(
            kind=ResidenceKind.MAILING if self.is_company else ResidenceKind.RESIDENCE,
            address_lines=self.address,
            city=self.city.name,
            region=self.city.region,
            postal_code=self.postal_code,
            country=self.country.code,
            source="client file",
            obtained_on=on,
        )

    def _contact_points(self, on: datetime.date) -> list[NewContactPoint]:
        work = ContactUse.WORK if self.is_company else ContactUse.HOME
        points = [
            NewContactPoint(
                channel=ContactChannel.PHONE,
                value=self.mobile,
                line_type=LineType.MOBILE,
                used_for=ContactUse.UNKNOWN,
                source="client file",
                obtained_on=on,
                preferred=True,
            )
        ]
        if self.landline is not None and self.landline != self.mobile:
            points.append(
                NewContactPoint(
                    channel=ContactChannel.PHONE,
                    value=self.landline,
                    line_type=LineType.LANDLINE,
                    used_for=work,
                    source="client file",
                    obtained_on=on,
                )
            )
        if self.mail is not None:
            points.append(
                NewContactPoint(
                    channel=ContactChannel.EMAIL, value=self.mail, used_for=work, source="client file", obtained_on=on
                )
            )
        return points


def invent_person(draw: random.Random, country: Country) -> Invented:
    """A person of the country."""
    given, family = draw.choice(country.given_names), draw.choice(country.family_names)
    names = [NewName(given_name=given, family_name=family)]
    if draw.random() < 0.06:
        former = draw.choice(country.family_names)
        if former != family:
            names.append(NewName(kind=NameKind.FORMER, given_name=given, family_name=former))
    pattern = _NATIONAL_IDS.get(country.code)
    national_id = fill(draw, pattern) if pattern and draw.random() < 0.35 else None
    return _invent(
        draw,
        country,
        DebtorKind.PERSON,
        tuple(names),
        mail=mail_address(draw, f"{given} {family}") if draw.random() < 0.7 else None,
        age_years=draw.randint(21, 78),
        national_id=national_id,
    )


def invent_firm(draw: random.Random, country: Country) -> Invented:
    """A firm of the country."""
    name = country.firm(draw)
    return _invent(
        draw,
        country,
        DebtorKind.COMPANY,
        (NewName(full_name=name),),
        mail=mail_address(draw, f"accounts {name.split()[0]}"),
        age_years=None,
        national_id=None,
    )


def _invent(
    draw: random.Random,
    country: Country,
    kind: DebtorKind,
    names: tuple[NewName, ...],
    *,
    mail: str | None,
    age_years: int | None,
    national_id: str | None,
) -> Invented:
    city = draw.choice(country.cities)
    return Invented(
        kind=kind,
        names=names,
        city=city,
        country=country,
        address=country.address(draw, city),
        postal_code=fill(draw, city.postal_code),
        mobile=country.mobile_number(draw, city),
        landline=country.landline(draw, city) if draw.random() < 0.4 else None,
        mail=mail,
        age_years=age_years,
        national_id=national_id,
    )
