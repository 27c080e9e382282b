"""The minor units of currencies, such as cents, as ISO 4217 lists them."""

from decimal import Decimal
from functools import lru_cache

from iso4217 import Currency

from schema.scalars import CurrencyCode


@lru_cache(1_000)
def minor_unit(code: CurrencyCode) -> Decimal | None:
    """Return the smallest amount of a currency, such as 0.01.

    Returns None if ISO 4217 does not list the code, or lists it without a minor unit, such as gold.
    """
    try:
        digits = Currency(code).exponent
    except ValueError:
        return None
    return None if digits is None else Decimal(1).scaleb(-digits)
