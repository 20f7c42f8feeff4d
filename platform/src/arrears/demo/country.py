"""What the demonstration needs to know of a country to invent people, firms and addresses in it.

Every telephone number comes from a range that the country's regulator keeps free for fiction, and every e-mail address
lies in a domain that is reserved for examples, so that nobody real can ever be reached.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

MAIL_DOMAINS = ("example.com", "example.net", "example.org")


@dataclass(frozen=True)
class City:
    """A city with what an address and a land line in it look like; `#` stands for a digit."""

    name: str
    region: str
    postal_code: str
    landline: str
    zone: str


@dataclass(frozen=True)
class Country:
    """One country's names, streets, cities and number ranges."""

    code: str
    language: str
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    streets: tuple[str, ...]
    cities: tuple[City, ...]
    mobile: str
    mobile_in_city: bool
    trades: tuple[str, ...]
    firm_form: str
    legal_form: str
    house_number_last: bool

    def address(self, draw: random.Random, city: City) -> str:
        """A street address in the order of the country."""
        number, street = draw.randint(1, 240), draw.choice(self.streets)
        return f"{street} {number}" if self.house_number_last else f"{number} {street}"

    def landline(self, draw: random.Random, city: City) -> str:
        """A land line of the city from the range kept for fiction."""
        return fill(draw, city.landline)

    def mobile_number(self, draw: random.Random, city: City) -> str:
        """A mobile number from the range kept for fiction."""
        return fill(draw, city.landline if self.mobile_in_city else self.mobile)

    def firm(self, draw: random.Random) -> str:
        """The name of an invented firm."""
        return self.firm_form.format(family=draw.choice(self.family_names), trade=draw.choice(self.trades))


def listed(names: str) -> tuple[str, ...]:
    """The names of a text in which commas part them."""
    return tuple(name.strip() for name in names.split(","))


def fill(draw: random.Random, pattern: str) -> str:
    """The pattern with a digit for every `#`."""
    return "".join(str(draw.randint(0, 9)) if sign == "#" else sign for sign in pattern)


def mail_address(draw: random.Random, name: str) -> str:
    """An e-mail address for a name, in a domain reserved for examples."""
    return f"{plain(name)}{draw.randint(1, 99)}@{draw.choice(MAIL_DOMAINS)}"


def plain(name: str) -> str:
    """The name in letters that every mail system takes, its words joined by dots."""
    spelt = name.lower().translate(str.maketrans(_SPELT))
    letters = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return ".".join("".join(sign for sign in word if sign.isalnum()) for word in letters.split())


_SPELT: dict[str, str | int | None] = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
