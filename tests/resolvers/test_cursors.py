"""Tests of paging arguments: what a cursor contains, and which arguments are rejected."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from typing import Any

import pytest

from providers.fastly.sandbox import Sandbox
from tests.harness import Service, create_sandbox, now, running_service

from .fastly import ACCOUNT_ID, invoice_payload, line_payload, list_fault

ERROR_MESSAGE = (
    "The cursor is not valid for this list. Pass a cursor that this service returned for the same kind of list."
)
FIRST_PAGE = "invoices(first: 1) { pageInfo { endCursor } }"


def encode_cursor(payload: object) -> str:
    text = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> Any:
    return json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


SORT_KEY = ["2026-10-01T00:00:00Z", f"{ACCOUNT_ID}/invoice/INV-321156"]
VALID = encode_cursor(SORT_KEY)
INVALID = {
    "not base64": "not a cursor",
    "truncated": VALID[:-1],
    "four characters": VALID[:4],
    "lengthened": VALID + "A",
    "padded": f"{VALID}==",
    "with a line break": f"{VALID}\n",
    "in the standard base64 alphabet": encode_cursor([SORT_KEY[0], "\u00ff\u00ff>?"])
    .replace("_", "/")
    .replace("-", "+")
    + "/",
    "not ASCII": "é" + VALID[1:],
    "above 4,096 characters": encode_cursor([SORT_KEY[0], "x" * 4_000]),
    "50,000 characters": "A" * 50_000,
    "not JSON": encode_cursor("2026-10-01"),
    "an object": encode_cursor({"start": SORT_KEY[0]}),
    "one part too few": encode_cursor(SORT_KEY[:1]),
    "one part too many": encode_cursor([*SORT_KEY, 1]),
    "parts in the other order": encode_cursor(SORT_KEY[::-1]),
    "not a date": encode_cursor(["yesterday", SORT_KEY[1]]),
    "an impossible date": encode_cursor(["2026-13-01T00:00:00Z", SORT_KEY[1]]),
    "the date with another offset": encode_cursor(["2026-10-01T02:00:00+02:00", SORT_KEY[1]]),
    "a date without a time": encode_cursor(["2026-10-01", SORT_KEY[1]]),
    "before year 1 in UTC": encode_cursor(["0001-01-01T00:00:00+14:00", SORT_KEY[1]]),
    "a number for an id": encode_cursor([SORT_KEY[0], 1]),
    "null for an id": encode_cursor([SORT_KEY[0], None]),
    "spaces in the JSON": encode_cursor(json.dumps(SORT_KEY)),
    "deeply nested": encode_cursor("[" * 2_000),
    "a lone surrogate": encode_cursor('["2026-10-01T00:00:00Z","\\ud800"]'),
}


async def test_cursor_contains_only_the_sort_key() -> None:
    sandbox = Sandbox(now=now, first=date(2023, 7, 1), per_month=50)
    async with running_service(create_sandbox(sandbox)) as service:
        page = await service.data("{ invoices(first: 200) { edges { cursor node { id period { start } } } } }")
        edges = page["invoices"]["edges"]

        assert [decode_cursor(edge["cursor"]) for edge in edges] == [
            [edge["node"]["period"]["start"], edge["node"]["id"]] for edge in edges
        ]
        assert any("cursor=" in path for path in service.calls("fastly"))


async def test_valid_cursor_is_accepted(service: Service) -> None:
    assert (await service.data(f'{{ invoices(first: 1, after: "{VALID}") {{ nodes {{ number }} }} }}'))["invoices"]


async def test_an_empty_cursor_is_as_null(service: Service) -> None:
    first = await service.data("{ invoices(first: 1) { nodes { number } } projects { totalCount } }")
    empty = await service.data(
        '{ invoices(first: 1, after: "", before: "") { nodes { number } } projects(after: "") { totalCount } }'
    )

    assert empty == first


@pytest.mark.parametrize("cursor", INVALID.values(), ids=INVALID)
async def test_noncanonical_cursor_is_rejected(service: Service, cursor: str) -> None:
    for name in ("after", "before"):
        document = f"query($cursor: String) {{ invoices({name}: $cursor) {{ nodes {{ id }} }} }}"

        response = await service.query(document, {"cursor": cursor})

        [error] = response["errors"]
        assert (error["message"], error["extensions"]) == (ERROR_MESSAGE, {"code": "BAD_USER_INPUT"})
        assert (error["path"], response["data"]) == (["invoices"], None)
        assert service.calls("fastly") == []


async def test_cursor_of_another_list_is_rejected(service: Service) -> None:
    service.control("fastly").faults.append(
        list_fault(invoice_payload("INV-1", "2026-09", line_payload(), line_payload()))
    )
    lines = "lineItems(first: 1) { pageInfo { endCursor } }"
    result = await service.data(f"{{ {FIRST_PAGE} lines: invoices(first: 1) {{ nodes {{ {lines} }} }} }}")
    of_lines = result["lines"]["nodes"][0]["lineItems"]["pageInfo"]["endCursor"]
    of_invoices = result["invoices"]["pageInfo"]["endCursor"]

    crossed = f'lineItems(after: "{of_invoices}") {{ totalCount }}'
    first = await service.query(f'{{ invoices(after: "{of_lines}") {{ totalCount }} }}')
    second = await service.query(f"{{ invoices(first: 1) {{ nodes {{ {crossed} }} }} }}")
    third = await service.query(f'{{ projects(after: "{of_invoices}") {{ totalCount }} }}')
    fourth = await service.query(f'{{ credits(after: "{of_lines}") {{ totalCount }} }}')

    assert [response["errors"][0]["message"] for response in (first, second, third, fourth)] == [ERROR_MESSAGE] * 4
    assert second["data"] == {"invoices": {"nodes": [{"lineItems": None}]}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: 1, last: 1", "Use either first or last, not both."),
        ("first: -1", "first must be between 0 and 200."),
        ("first: 201", "first must be between 0 and 200."),
        ("last: -1", "last must be between 0 and 200."),
        ("last: 201", "last must be between 0 and 200."),
    ],
)
async def test_invalid_page_sizes_are_rejected(service: Service, arguments: str, message: str) -> None:
    response = await service.query(f"{{ invoices({arguments}) {{ nodes {{ id }} }} }}")

    [error] = response["errors"]
    assert (error["message"], error["extensions"]) == (message, {"code": "BAD_USER_INPUT"})
    assert service.calls("fastly") == []


@pytest.mark.parametrize("size", [-1, 201])
@pytest.mark.parametrize("root", ["projects", "credits"])
async def test_other_roots_reject_the_same_page_sizes(service: Service, root: str, size: int) -> None:
    response = await service.query(f"{{ {root}(first: {size}) {{ totalCount }} }}")
    assert response["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_invalid_line_page_size_nulls_only_its_field(service: Service) -> None:
    response = await service.query(
        f'{{ invoices(first: 1, filterBy: {{ accounts: ["{ACCOUNT_ID}"] }}) {{ nodes {{'
        " bad: lineItems(first: 201) { totalCount } lineItems { totalCount } } } }"
    )

    [node] = response["data"]["invoices"]["nodes"]
    assert (node["bad"], node["lineItems"]) == (None, {"totalCount": 16})
    assert response["errors"][0]["path"] == ["invoices", "nodes", 0, "bad"]


@pytest.mark.parametrize("size", ["first", "last"])
async def test_page_sizes_0_and_200_are_accepted(service: Service, size: str) -> None:
    scope = f'filterBy: {{ accounts: ["{ACCOUNT_ID}"] }}'
    largest = f"most: invoices({size}: 200, {scope}) {{ nodes {{ id }} }}"
    result = await service.data(f"{{ {largest} none: invoices({size}: 0, {scope}) {{ nodes {{ id }} }} }}")

    assert (len(result["most"]["nodes"]), result["none"]["nodes"]) == (36, [])
