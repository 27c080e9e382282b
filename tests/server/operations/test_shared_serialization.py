"""Cached line items are serialized once per selection, and every selection has the values of fresh line items."""

from typing import Any

from server.config.cache import CacheSettings
from tests.harness import NO_CACHE_NO_RETRY, Service, running_service

CACHING: dict[str, Any] = {"attempts": 1, "rate_limit": None}  # with the default cache lifetimes
SELECTIONS = (
    "nodes { cost { amount currency } details { reference } }",
    "nodes { id description invoice { id } }",
    "nodes { raw }",
    "nodes { details { ... on ArcheraLineItemDetails { premium { amount } utilization contractTerm } __typename } }",
    "edges { cursor node { id cost { amount } } } pageInfo { endCursor } totalCount",
    "nodes { category quantity { amount } cost { currency } }",
)


def _query(selection: str) -> str:
    page = f"lineItems(first: 200) {{ {selection} }}"
    return f'query ($n: Int) {{ invoices(first: $n, filterBy: {{ providers: ["archera"] }}) {{ nodes {{ {page} }} }} }}'


async def _query_all(service: Service) -> list[Any]:
    """Return the data of each selection, for one, two and three invoices. Generated code completes the repeats."""
    return [await service.data(_query(selection), {"n": n}) for n in (1, 2, 3) for selection in SELECTIONS]


async def test_cached_line_items_equal_fresh_ones() -> None:
    async with running_service(settings=NO_CACHE_NO_RETRY) as fresh:
        expected = await _query_all(fresh)
    async with running_service(settings=CACHING, cache=CacheSettings(answers=0)) as caching:
        results = await _query_all(caching)
        calls = caching.calls("archera")

    assert results == expected
    assert len(calls) == 1 + 3  # the list, and the line items of each invoice
