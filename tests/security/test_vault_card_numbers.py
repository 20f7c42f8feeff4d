"""Card numbers are never stored: 1,000 planted, none kept; 1,000 references that are none, none altered."""

from __future__ import annotations

import random
import re
import time
import uuid
from collections.abc import Callable

import pytest

from arrears.kernel.keys import DeploymentKeys
from arrears.kernel.personal import contains_card_number, is_card_number, mask_card_numbers, protect_reference
from arrears.kernel.vault import Vault
from arrears_sdk.ids import new_id

SEED = 4111
# Prefix and length, from the issuers' own test numbers.
ISSUED = [
    ("4", 13),
    ("4", 16),
    ("4", 19),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("2720", 16),
    ("34", 15),
    ("37", 15),
    ("300", 14),
    ("305", 14),
    ("36", 14),
    ("38", 14),
    ("6011", 16),
    ("644", 16),
    ("65", 19),
    ("3528", 16),
    ("3589", 16),
    ("62", 16),
    ("62", 19),
    ("5018", 16),
    ("6759", 16),
    ("2200", 16),
    ("9792", 16),
    ("6304", 18),
]
FORMS: list[Callable[[str], str]] = [
    lambda digits: digits,
    lambda digits: grouped(digits, " "),
    lambda digits: grouped(digits, "-"),
    lambda digits: grouped(digits, "."),
    lambda digits: grouped(digits, "\u00a0"),
    lambda digits: grouped(digits, "  "),
    lambda digits: grouped(digits, " - "),
    lambda digits: grouped(digits, "\n"),
    lambda digits: " ".join(digits),
    lambda digits: "\u200b".join([digits[:8], digits[8:]]),
    lambda digits: digits.translate({48 + value: 0xFF10 + value for value in range(10)}),
    lambda digits: digits.translate({48 + value: 0x0660 + value for value in range(10)}),
]
SENTENCES = [
    "{}",
    "Card {} was declined.",
    "paid with {}, expires 12/27, code 123",
    "PAN:{};name=x",
    "{}=27121010000012345678",
    "ref{}x",
    "called +49 30 901820 about {} and again",
    "({})",
    "first {} then nothing 2026-03-02",
]


def grouped(digits: str, gap: str) -> str:
    if len(digits) == 15:
        return gap.join([digits[:4], digits[4:10], digits[10:]])
    if len(digits) == 14:
        return gap.join([digits[:4], digits[4:10], digits[10:]])
    return gap.join(digits[start : start + 4] for start in range(0, len(digits), 4))


def checked(digits: str, *, right: bool = True) -> str:
    """The digits with a Luhn check digit behind them, or with one that is off."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return digits + str((-total + (0 if right else 3)) % 10)


def some_digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def card(chance: random.Random) -> str:
    prefix, length = chance.choice(ISSUED)
    return checked(prefix + some_digits(chance, length - len(prefix) - 1))


def plain(text: str) -> str:
    return "".join(str(int(character)) for character in text if character.isdecimal())


def test_of_1000_planted_card_numbers_none_is_kept_in_free_text() -> None:
    chance = random.Random(SEED)
    for trial in range(1000):
        number = card(chance)
        text = chance.choice(SENTENCES).format(chance.choice(FORMS)(number))
        masked = mask_card_numbers(text)
        assert number not in plain(masked), f"seed {SEED}, trial {trial}: {text!r}"
        assert len(masked) == len(text)
        assert plain(masked).count(number[-4:]) >= 1
        # Only digits were starred out, everything else stands where it stood.
        assert all(new == old or (new == "*" and old.isdecimal()) for new, old in zip(masked, text, strict=True))
        assert mask_card_numbers(masked) == masked


def iban(chance: random.Random) -> str:
    country, bank = chance.choice([("DE", 18), ("FR", 23), ("ES", 20), ("NL", 14)])
    account = some_digits(chance, bank)
    letters = "".join(str(int(character, 36)) for character in account + country + "00")
    text = f"{country}{98 - int(letters) % 97:02d}{account}"
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4)) if chance.random() < 0.5 else text


NOT_CARDS: list[Callable[[random.Random], str]] = [
    lambda chance: checked("4" + some_digits(chance, 14), right=False),
    lambda chance: grouped(checked("55" + some_digits(chance, 13), right=False), " "),
    lambda chance: checked(chance.choice(["1", "7", "83", "90"]) + some_digits(chance, 13)),
    lambda chance: checked("4" + some_digits(chance, chance.choice([8, 9, 10]))),
    lambda chance: "4" + some_digits(chance, chance.choice([20, 23, 30])),
    lambda chance: f"INV-{chance.randint(2000, 2030)}-{chance.randint(0, 999999):06d}",
    lambda chance: f"{chance.choice(['AC', 'LN', 'MED'])}{some_digits(chance, 9)}{chance.choice('ABC')}",
    lambda chance: f"acct_{uuid.UUID(int=chance.getrandbits(128)).hex}",
    lambda chance: str(uuid.UUID(int=chance.getrandbits(128))),
    lambda chance: str(new_id()),
    lambda chance: f"+49 151 {some_digits(chance, 8)}",
    lambda chance: f"+34{some_digits(chance, 9)}",
    iban,
    lambda chance: f"2026-03-{chance.randint(10, 28)}T12:{chance.randint(10, 59)}:00.{some_digits(chance, 6)}Z",
    lambda chance: f"{some_digits(chance, 4)}/{some_digits(chance, 3)}/{some_digits(chance, 5)}",
    lambda chance: f"{some_digits(chance, 3)}-{some_digits(chance, 2)}-{some_digits(chance, 4)}",
    lambda chance: f"Müller & Söhne {chance.randint(1, 9999)}",
]


def test_of_1000_references_that_are_no_cards_none_is_altered() -> None:
    chance = random.Random(SEED)
    vault = Vault(DeploymentKeys.generate())
    for trial in range(1000):
        text = NOT_CARDS[trial % len(NOT_CARDS)](chance)
        assert protect_reference(text, vault) == text, f"seed {SEED}, trial {trial}"
        assert mask_card_numbers(text) == text
        assert not contains_card_number(text)


def test_a_reference_that_is_a_card_number_keeps_its_last_four_digits_and_a_keyed_token() -> None:
    chance = random.Random(SEED)
    vault, other = Vault(DeploymentKeys.generate()), Vault(DeploymentKeys.generate())
    kept: set[str] = set()
    for _ in range(1000):
        number = card(chance)
        reference = protect_reference(number, vault)
        assert re.fullmatch(rf"card-{number[-4:]}-[0-9a-f]{{24}}", reference)
        assert number not in reference
        # However it is written, it is the same reference, so that it stays unique and is found again.
        assert protect_reference(grouped(number, " "), vault) == reference
        assert protect_reference(reference, vault) == reference
        assert protect_reference(number, other) != reference
        assert protect_reference(f"LOAN-{number}/1", vault) == f"LOAN-{reference}/1"
        kept.add(reference)
    assert len(kept) == 1000


def test_two_card_numbers_side_by_side_are_both_starred_out() -> None:
    text = "4111 1111 1111 1111 5555 5555 5555 4444 and 4111111111111111,378282246310005"
    assert mask_card_numbers(text) == "**** **** **** 1111 **** **** **** 4444 and ************1111,***********0005"


def test_digits_that_only_look_like_an_iban_are_searched_too() -> None:
    assert mask_card_numbers("VI41 1111 1111 1111 1111") == "VI41 1111 1111 1111 1111"
    assert mask_card_numbers("AB12 4111 1111 1111 1111") == "AB12 **** **** **** 1111"


@pytest.mark.parametrize(
    ("digits", "is_one"),
    [
        ("4111111111111111", True),
        ("4111111111111112", False),
        ("378282246310005", True),
        ("4222222222222", True),
        ("0000000000000000", False),
        ("1111111111111117", False),
        ("41111111111111", False),
        ("", False),
    ],
)
def test_issuer_range_length_and_check_digit_decide(digits: str, is_one: bool) -> None:
    assert is_card_number(digits) is is_one


def test_long_texts_take_time_in_proportion_to_their_length() -> None:
    for unit in ("4111 ", "4", "4111-1111-1111-1112 ", "DE89 3704 ", "a1b2c3d4-"):
        begun = time.perf_counter()
        mask_card_numbers(unit * 5_000)
        once = time.perf_counter() - begun
        begun = time.perf_counter()
        mask_card_numbers(unit * 50_000)
        assert time.perf_counter() - begun < 40 * once + 0.5


def test_a_token_whose_digits_look_like_a_card_number_is_left_as_it_is() -> None:
    vault = Vault(DeploymentKeys.generate())
    # 4556336211625 would pass for a number, being read across the hyphen.
    token = "card-4556-336211625db1a6a2aeb33918"
    assert protect_reference(token, vault) == token
    assert protect_reference("card-4556-336211625", vault) != "card-4556-336211625"
