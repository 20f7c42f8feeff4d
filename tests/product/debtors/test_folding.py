"""Text folded for searching, numbers and addresses in one form, places in their time zones."""

from __future__ import annotations

from uuid import UUID

import pytest

from arrears.debtors.contact_values import ContactValue, contact_value, national_digits
from arrears.debtors.folding import folded, spellings, words
from arrears.debtors.model import ContactChannel, LineType, SearchKind, national_id_digits, national_id_hint, sort_name
from arrears.debtors.tokens import (
    SearchedContact,
    SearchedLink,
    SearchedName,
    tokens_for_contact,
    tokens_for_debtor,
    tokens_for_reference,
    wanted_tokens,
)
from arrears.debtors.zones import zones_of_place
from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.vault import Vault
from arrears_sdk.errors import InputError

DEBTOR, ROW, CLIENT, LINK = (UUID(int=number) for number in range(1, 5))


@pytest.mark.parametrize(
    ("text", "plain", "written"),
    [
        ("Müßig", "mussig", "muessig"),
        ("SØRENSEN", "sorensen", "soerensen"),
        ("Łódź", "lodz", "lodz"),
        ("Åström", "astrom", "aastroem"),
        ("José", "jose", "jose"),
        ("İstanbul", "istanbul", "istanbul"),
        ("ＡＢＣ", "abc", "abc"),
        ("u\u0308ber", "uber", "ueber"),
        ("山田", "山田", "山田"),
    ],
)
def test_accents_and_capitals_fold_away(text: str, plain: str, written: str) -> None:
    assert folded(text) == plain
    assert spellings(text) == ((plain,) if plain == written else (plain, written))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("o'brien-smith", ("obrien", "brien", "smith")),
        ("j smith & co", ("j", "smith", "co")),
        ("d’arcy", ("darcy", "arcy")),
        ("", ()),
        ("---", ()),
    ],
)
def test_words_part_at_everything_but_letters_and_digits(text: str, found: tuple[str, ...]) -> None:
    assert words(text) == found


def test_a_person_is_listed_by_the_family_name() -> None:
    assert sort_name("Anna Müller", "Müller", "Anna") == "muller anna"
    assert sort_name("Øre & Co.", None, None) == "ore & co."


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        (
            "(202) 555-0143",
            "US",
            ContactValue("+12025550143", None, LineType.MOBILE_OR_LANDLINE, ("America/New_York",)),
        ),
        ("0151 23456789", "DE", ContactValue("+4915123456789", None, LineType.MOBILE, ("Europe/Berlin",))),
        ("+44 20 7946 0958 ext. 12", None, ContactValue("+442079460958", "12", LineType.LANDLINE, ("Europe/London",))),
        ("800-555-0199", "US", ContactValue("+18005550199", None, LineType.TOLL_FREE, ())),
        ("+44 56 0000 0000", None, ContactValue("+445600000000", None, LineType.VOIP, ())),
    ],
)
def test_a_phone_number_has_one_form_and_says_what_it_is(
    text: str, country: str | None, expected: ContactValue
) -> None:
    assert contact_value(ContactChannel.PHONE, text, country=country) == expected


@pytest.mark.parametrize(
    ("channel", "text", "value"),
    [
        (ContactChannel.EMAIL, " Max.Mustermann@Example.COM ", "max.mustermann@example.com"),
        (ContactChannel.EMAIL, "info@bücher.de", "info@xn--bcher-kva.de"),
        (ContactChannel.SOCIAL, "@anna", "anna"),
        (ContactChannel.PORTAL, "user 17", "user 17"),
    ],
)
def test_addresses_and_handles_have_one_form(channel: ContactChannel, text: str, value: str) -> None:
    assert contact_value(channel, text, country=None).value == value


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        (ContactChannel.PHONE, "call me"),
        (ContactChannel.PHONE, "202 555 0143"),
        (ContactChannel.PHONE, "+1 202"),
        (ContactChannel.EMAIL, "anna"),
        (ContactChannel.EMAIL, "anna@localhost"),
        (ContactChannel.EMAIL, "a b@example.com"),
        (ContactChannel.EMAIL, "a@b@example.com"),
        (ContactChannel.EMAIL, f"{'a' * 250}@example.com"),
        (ContactChannel.SOCIAL, ""),
    ],
)
def test_what_cannot_be_a_contact_point_is_refused_without_repeating_it(channel: ContactChannel, text: str) -> None:
    with pytest.raises(InputError) as refused:
        contact_value(channel, text, country=None, field=("input", "value"))
    assert refused.value.problems[0].field == ("input", "value")
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize(
    ("country", "region", "zones"),
    [
        ("DE", None, ("Europe/Berlin",)),
        ("US", "IL", ("America/Chicago",)),
        ("US", "US-TN", ("America/New_York", "America/Chicago")),
        ("US", "tennessee", ("America/New_York", "America/Chicago")),
        ("US", "AZ", ("America/Phoenix", "America/Denver")),
        ("US", "IN", ("America/Indiana/Indianapolis", "America/Chicago")),
        ("AU", "NSW", ("Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe")),
        ("ES", "Canarias", ("Atlantic/Canary",)),
        ("XX", None, ()),
    ],
)
def test_a_place_has_the_zones_of_its_region(country: str, region: str | None, zones: tuple[str, ...]) -> None:
    assert zones_of_place(country, region) == zones


@pytest.mark.parametrize("region", [None, "", "Nowhere"])
def test_an_unknown_region_leaves_every_zone_of_the_country(region: str | None) -> None:
    assert zones_of_place("US", region) == (
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "America/Adak",
        "Pacific/Honolulu",
    )


def test_the_tokens_of_a_debtor_carry_who_supplied_each() -> None:
    # given
    link = SearchedLink(LINK, CLIENT, "K/17")
    name = SearchedName(ROW, None, "Anna Noll")
    # when
    tokens = tokens_for_debtor(DEBTOR, "Anna Müller", [link], [name])
    # then
    assert [(token.kind.value, token.token, token.subject_id, token.client_id) for token in tokens] == [
        ("NAME", "anna", LINK, CLIENT),
        ("NAME", "muller", LINK, CLIENT),
        ("NAME", "mueller", LINK, CLIENT),
        ("REFERENCE", "k17", LINK, CLIENT),
        ("NAME", "anna", ROW, None),
        ("NAME", "noll", ROW, None),
    ]


def test_a_name_is_not_searched_twice_for_the_client_that_supplied_it() -> None:
    link = SearchedLink(LINK, CLIENT, None)
    other = SearchedLink(UUID(int=5), UUID(int=6), None)
    tokens = tokens_for_debtor(DEBTOR, "Anna", [link, other], [SearchedName(ROW, CLIENT, "Anna")])
    assert [(token.subject_id, token.client_id) for token in tokens] == [
        (other.subject_id, other.client_id),
        (ROW, CLIENT),
    ]


@pytest.mark.parametrize(
    ("e164", "digits"),
    [
        ("+12025550143", "2025550143"),
        ("+4930123456", "30123456"),
        ("+390612345678", "0612345678"),
        ("+3581234", "1234"),
    ],
)
def test_national_digits_are_what_follows_the_country_code(e164: str, digits: str) -> None:
    assert national_digits(e164) == digits


def test_references_are_found_whole_and_by_their_parts() -> None:
    tokens = tokens_for_reference(DEBTOR, ROW, CLIENT, "INV-2020/00123-A")
    assert [token.token for token in tokens] == ["inv202000123a", "inv", "2020", "00123"]


def test_phones_are_found_with_and_without_country_and_by_their_end() -> None:
    phone = SearchedContact(ROW, CLIENT, ContactChannel.PHONE, "+12025550143")
    assert [token.token for token in tokens_for_contact(DEBTOR, phone)] == [
        "12025550143",
        "2025550143",
        "0143",
        "550143",
        "5550143",
        "25550143",
    ]


def test_handles_are_not_searched() -> None:
    assert tokens_for_contact(DEBTOR, SearchedContact(ROW, CLIENT, ContactChannel.SOCIAL, "anna")) == []


def wanted(kind: SearchKind, text: str) -> list[tuple[str, int, int]]:
    vault = Vault(DeploymentKeys.generate())
    return [(one.low, one.part, one.parts) for one in wanted_tokens(vault, [kind], text)]


def test_every_typed_word_must_be_met_in_one_of_its_spellings() -> None:
    assert wanted(SearchKind.NAME, "Jürgen O'Brien") == [("jurgen", 0, 2), ("juergen", 0, 2), ("obrien", 1, 2)]


@pytest.mark.parametrize(
    ("text", "lows"),
    [
        ("+49 (0)30 1234", ["49301234"]),
        ("030 1234", ["0301234", "301234"]),
        ("0049 30 1234", ["0049301234", "49301234"]),
        ("0143", ["0143"]),
        ("12", []),
    ],
)
def test_a_number_is_searched_without_its_leading_zeros_too(text: str, lows: list[str]) -> None:
    assert [low for low, _, _ in wanted(SearchKind.PHONE, text)] == lows


def test_a_range_holds_everything_that_begins_so() -> None:
    (one,) = wanted_tokens(Vault(DeploymentKeys.generate()), [SearchKind.REFERENCE], "ab")
    assert [token for token in ("ab", "abz", "ab\U0010fffe", "ac", "aa") if one.low <= token < one.high] == [
        "ab",
        "abz",
        "ab\U0010fffe",
    ]


def test_a_national_identifier_is_compared_without_separators_and_hinted_at_by_its_end() -> None:
    assert national_id_digits(" 078-05 1120") == "078051120"
    assert [national_id_hint(digits) for digits in ("078051120", "12345", "1234")] == ["1120", "45", ""]
