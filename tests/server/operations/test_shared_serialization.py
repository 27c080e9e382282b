"""Lines that many requests are given are written once for each way to select them, and are the same lines in each."""

from typing import Any

from server.config.cache import CacheSettings
from tests.harness import PLAIN, Service, running

AS_CONFIGURED: dict[str, Any] = {"attempts": 1, "rate_limit": None}  # so that what was read is remembered
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


async def _answers(service: Service) -> list[Any]:
    """Each selection of one, two and three invoices: what comes again is completed by code that was made for it."""
    return [await service.data(_query(selection), {"n": n}) for n in (1, 2, 3) for selection in SELECTIONS]


async def test_every_selection_of_remembered_lines_says_what_fresh_lines_say() -> None:
    async with running(settings=PLAIN) as fresh:
        expected = await _answers(fresh)
    async with running(settings=AS_CONFIGURED, cache=CacheSettings(answers=0)) as remembering:
        found = await _answers(remembering)
        calls = remembering.calls("archera")

    assert found == expected
    assert len(calls) == 1 + 3  # the list, and the lines of each invoice
