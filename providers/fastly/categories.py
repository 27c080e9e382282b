"""What a Fastly line item charges for. The wire states no category, so the words of the line item decide."""

import re
from functools import lru_cache
from typing import NamedTuple

from schema.filters import ChargeCategory

_MAX_CACHED_LINES = 4_000  # the same words occur in invoice after invoice


def _words(words: str) -> re.Pattern[str]:
    """Return a pattern of whole words: "Syntax" does not contain "tax"."""
    return re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])", re.IGNORECASE)


_TAX, _SHORTFALL = _words("tax|taxes|vat|gst"), _words("shortfall")
_FIXED_GROUP = re.compile(r"^(?:CS:|TLS$)", re.IGNORECASE)
_FIXED_NAME = re.compile(r"(?:^|\s)support$|^TLS$", re.IGNORECASE)


class _Rule(NamedTuple):
    """A category, and what is searched in the product's name and group, and in the description."""

    category: ChargeCategory
    name: re.Pattern[str] | None = None
    group: re.Pattern[str] | None = None
    description: re.Pattern[str] | None = None


# The first rule that matches decides. A line item that matches none charges for usage.
_RULES = (
    # Vendor's pages and live accounts: taxes are line items like all others.
    _Rule(ChargeCategory.TAX, name=_TAX, group=_TAX, description=_TAX),
    # Vendor's pages: the part of a commitment that the usage does not reach is billed.
    _Rule(ChargeCategory.PURCHASE, name=_SHORTFALL, group=_SHORTFALL, description=_SHORTFALL),
    # Live accounts: support has a group such as "CS: CSE", certificates have the group "TLS".
    _Rule(ChargeCategory.PURCHASE, group=_FIXED_GROUP),
    # Live accounts: on the month to date the group of both can be "N/A" or "Unknown".
    _Rule(ChargeCategory.PURCHASE, name=_FIXED_NAME),
)


@lru_cache(_MAX_CACHED_LINES)
def category_of(name: str | None, group: str | None, description: str | None) -> ChargeCategory:
    """Return TAX or PURCHASE if a rule matches, else USAGE. The sign of the cost makes no difference."""
    texts = (name or "", group or "", description or "")
    for category, *patterns in _RULES:
        if any(pattern and pattern.search(text) for pattern, text in zip(patterns, texts, strict=True)):
            return category
    return ChargeCategory.USAGE
