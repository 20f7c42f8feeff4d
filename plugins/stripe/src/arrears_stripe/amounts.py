"""Amounts as Stripe counts them, which is not always in the minor units of ISO 4217.

Source: Stripe's page on currencies (docs.stripe.com/currencies), its special cases and its smallest charges.
"""

from __future__ import annotations

from arrears_sdk.money import Money, exponent


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Stripe knows no decimals of these; ISO 4217 gives the Malagasy ariary two.
_NO_DECIMALS = _codes(
    """
    BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF
    """
)
# Stripe counts hundredths of these and yet takes whole units only.
_WHOLE_UNITS_IN_HUNDREDTHS = frozenset({"ISK", "UGX"})
# Three decimals, of which the last one has to be nought.
_THREE_DECIMALS = _codes(
    """
    BHD JOD KWD OMR TND
    """
)
_TWO_DECIMALS = _codes(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE CZK
    DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR JMD KES KGS KHR KYD KZT LAK
    LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN
    QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD XCG
    YER ZAR ZMW
    """
)
CURRENCIES = _NO_DECIMALS | _WHOLE_UNITS_IN_HUNDREDTHS | _THREE_DECIMALS | _TWO_DECIMALS
"""Every currency in which Stripe charges cards."""

# The smallest charge, in ISO minor units. Where Stripe names none, it is half a dollar's worth: Stripe itself decides.
SMALLEST: dict[str, int] = {
    "AED": 200,
    "AUD": 50,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1000,
    "USD": 50,
}


class NotChargeableError(ValueError):
    """Stripe takes no such amount; the message says why, for a person."""


def to_stripe(amount: Money) -> int:
    """The amount as Stripe counts it; NotChargeableError where it cannot be said to Stripe exactly."""
    code, minor = amount.currency, amount.minor
    if code not in CURRENCIES:
        raise NotChargeableError(f"Stripe does not charge in {code}.")
    if minor <= 0:
        raise NotChargeableError("An amount to be charged is more than nothing.")
    if code in _THREE_DECIMALS and minor % 10:
        raise NotChargeableError(f"Stripe takes {code} in steps of 0.010, and {amount.amount} is none.")
    numerator, denominator = _factor(code)
    if minor * numerator % denominator:
        raise NotChargeableError(f"Stripe takes whole {code} only, and {amount.amount} is not.")
    return minor * numerator // denominator


def from_stripe(units: int, currency: str) -> Money:
    """What a number of Stripe's units is worth, exactly; NotChargeableError for what has no exact amount."""
    code = currency.upper()
    if code not in CURRENCIES:
        raise NotChargeableError(f"Stripe does not charge in {code}.")
    numerator, denominator = _factor(code)
    if units * denominator % numerator:
        raise NotChargeableError(f"{units} of Stripe's units of {code} are no exact amount.")
    return Money(units * denominator // numerator, code)


def refusal(amount: Money) -> str | None:
    """Why Stripe would not take this amount, for a person; None when it would."""
    try:
        to_stripe(amount)
    except NotChargeableError as error:
        return str(error)
    smallest = SMALLEST.get(amount.currency)
    if smallest is not None and amount.minor < smallest:
        return f"Stripe charges at least {Money(smallest, amount.currency)}, and this is {amount}."
    return None


def _factor(code: str) -> tuple[int, int]:
    """By what an ISO minor unit is multiplied and divided to become Stripe's."""
    decimals = 0 if code in _NO_DECIMALS else 3 if code in _THREE_DECIMALS else 2
    difference = decimals - exponent(code)
    return (10**difference, 1) if difference >= 0 else (1, 10**-difference)
