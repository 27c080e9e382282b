"""How the console writes amounts and months, and what its tables show."""

from datetime import date
from decimal import Decimal
from typing import Any

from playwright.async_api import Locator


def written(amount: str, unit: str) -> str:
    """An amount as the page shows it: with all digits, filled up to two for money."""
    value = Decimal(amount)
    digits = max(0 if unit[:1].islower() else 2, -int(value.as_tuple().exponent))
    return f"{unit} {value:,.{digits}f}" if unit.isupper() else f"{value:,.{digits}f} {unit}"


def money(value: Any) -> str:
    """A `Money` of the graph, or its absence."""
    return written(value["amount"], value["currency"]) if value else "not stated"


def month(instant: str) -> str:
    """The name of the month of an instant, such as "October 2026"."""
    return f"{date.fromisoformat(instant[:10]):%B %Y}"


async def rows_of(region: Locator) -> list[list[str]]:
    """The words of each cell below the header, row by row, without line breaks."""
    rows = await region.locator("tbody").get_by_role("row").all()
    return [[" ".join(text.split()) for text in await row.locator("th, td").all_inner_texts()] for row in rows]
