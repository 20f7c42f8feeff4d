"""The active currencies of ISO 4217 and the number of decimals of each."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from arrears_sdk.errors import ErrorCode, InputError

# ISO 4217 list one as amended up to number 179. Codes without a minor unit (precious metals, the SDR, bond market
# units, testing) are left out: nobody owes in them. BGN and ANG left the list with the euro and the XCG.
_BY_EXPONENT: dict[int, str] = {
    0: """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
    """,
    2: """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
    CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
    IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
    MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG
    YER ZAR ZMW ZWG
    """,
    3: """
    BHD IQD JOD KWD LYD OMR TND
    """,
    4: """
    CLF UYW
    """,
}

EXPONENTS: dict[str, int] = {
    code: exponent for exponent, codes in _BY_EXPONENT.items() for code in sorted(codes.split())
}


def exponent(code: str) -> int:
    """The number of decimals of a currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD."""
    try:
        return EXPONENTS[code]
    except (KeyError, TypeError):
        message = f"{code!r} is not an active currency code of ISO 4217, such as 'USD'."
        raise InputError(message, code=ErrorCode.UNKNOWN_CURRENCY) from None


def _checked(code: str) -> str:
    if code not in EXPONENTS:
        raise ValueError(f"{code!r} is not an active currency code of ISO 4217, such as 'USD'")
    return code


Currency = Annotated[str, AfterValidator(_checked)]
"""An ISO 4217 code; to Python a `str`, and in a pydantic model one that is checked."""
