"""Tests of paging arguments: what a cursor holds, and what is refused."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from typing import Any

import pytest

from providers.fastly.sandbox import Sandbox
from tests.harness import Service, now, running, sandbox_of

from .fastly import OWN, bill, line, listed

NOT_OURS = "The cursor is not one that this graph gave for such a list."
FIRST = "invoices(first: 1) { pageInfo { endCursor } }"


def token(payload: object) -> str:
    text = payload if isinstance(payload, str) else json.dumps(payload, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decoded(cursor: str) -> Any:
    return json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


PLACE = ["2026-10-01T00:00:00Z", f"{OWN}/invoice/INV-321156"]
GOOD = token(PLACE)
BAD = {
    "empty": "",
    "no base64": "not a cursor",
    "truncated": GOOD[:-1],
    "cut to nothing": GOOD[:4],
    "lengthened": GOOD + "A",
    "padded": f"{GOOD}==",
    "with a line break": f"{GOOD}\n",
    "in the other base64": token(["2026-10-01T00:00:00Z", "\u00ff\u00ff>?"]).replace("_", "/").replace("-", "+") + "/",
    "not ASCII": "é" + GOOD[1:],
    "oversized": token([PLACE[0], "x" * 4_000]),
    "huge": "A" * 50_000,
    "no JSON": token("2026-10-01"),
    "an object": token({"start": PLACE[0]}),
    "one part too few": token(PLACE[:1]),
    "one part too many": token([*PLACE, 1]),
    "parts in the other order": token(PLACE[::-1]),
    "no date": token(["yesterday", PLACE[1]]),
    "a date that no calendar has": token(["2026-13-01T00:00:00Z", PLACE[1]]),
    "the date otherwise written": token(["2026-10-01T02:00:00+02:00", PLACE[1]]),
    "a day alone": token(["2026-10-01", PLACE[1]]),
    "beyond the calendar": token(["0001-01-01T00:00:00+14:00", PLACE[1]]),
    "a number for an id": token([PLACE[0], 1]),
    "null for an id": token([PLACE[0], None]),
    "with blanks": token(json.dumps(PLACE)),
    "deeply nested": token("[" * 2_000),
    "half a surrogate": token('["2026-10-01T00:00:00Z","\\ud800"]'),
}


async def test_a_cursor_holds_the_place_and_nothing_of_the_provider() -> None:
    many = Sandbox(now=now, first=date(2023, 7, 1), per_month=50)
    async with running(sandbox_of(many)) as service:
        page = await service.data("{ invoices(first: 200) { edges { cursor node { id period { start } } } } }")
        edges = page["invoices"]["edges"]

        assert [decoded(edge["cursor"]) for edge in edges] == [
            [edge["node"]["period"]["start"], edge["node"]["id"]] for edge in edges
        ]
        assert any("cursor=" in path for path in service.calls("fastly"))


async def test_the_cursor_of_this_test_is_a_good_one(service: Service) -> None:
    assert (await service.data(f'{{ invoices(first: 1, after: "{GOOD}") {{ nodes {{ number }} }} }}'))["invoices"]


@pytest.mark.parametrize("cursor", BAD.values(), ids=BAD)
async def test_a_cursor_that_does_not_decode_canonically_is_refused(service: Service, cursor: str) -> None:
    for name in ("after", "before"):
        document = f"query($cursor: String) {{ invoices({name}: $cursor) {{ nodes {{ id }} }} }}"

        answer = await service.query(document, {"cursor": cursor})

        [error] = answer["errors"]
        assert (error["message"], error["extensions"]) == (NOT_OURS, {"code": "BAD_USER_INPUT"})
        assert (error["path"], answer["data"]) == (["invoices"], None)
        assert service.calls("fastly") == []


async def test_a_cursor_of_another_list_is_refused(service: Service) -> None:
    service.control("fastly").faults.append(listed(bill("INV-1", "2026-09", line(), line())))
    lines = "lineItems(first: 1) { pageInfo { endCursor } }"
    found = await service.data(f"{{ {FIRST} lines: invoices(first: 1) {{ nodes {{ {lines} }} }} }}")
    of_lines = found["lines"]["nodes"][0]["lineItems"]["pageInfo"]["endCursor"]
    of_invoices = found["invoices"]["pageInfo"]["endCursor"]

    crossed = f'lineItems(after: "{of_invoices}") {{ totalCount }}'
    first = await service.query(f'{{ invoices(after: "{of_lines}") {{ totalCount }} }}')
    second = await service.query(f"{{ invoices(first: 1) {{ nodes {{ {crossed} }} }} }}")
    third = await service.query(f'{{ projects(after: "{of_invoices}") {{ totalCount }} }}')
    fourth = await service.query(f'{{ credits(after: "{of_lines}") {{ totalCount }} }}')

    assert [answer["errors"][0]["message"] for answer in (first, second, third, fourth)] == [NOT_OURS] * 4
    assert second["data"] == {"invoices": {"nodes": [{"lineItems": None}]}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("first: 1, last: 1", "Ask for first or for last, not for both."),
        ("first: -1", "first has to lie within 0 and 200."),
        ("first: 201", "first has to lie within 0 and 200."),
        ("last: -1", "last has to lie within 0 and 200."),
        ("last: 201", "last has to lie within 0 and 200."),
    ],
)
async def test_sizes_out_of_range_or_contradicting_are_refused(service: Service, arguments: str, message: str) -> None:
    answer = await service.query(f"{{ invoices({arguments}) {{ nodes {{ id }} }} }}")

    [error] = answer["errors"]
    assert (error["message"], error["extensions"]) == (message, {"code": "BAD_USER_INPUT"})
    assert service.calls("fastly") == []


@pytest.mark.parametrize("size", [-1, 201])
@pytest.mark.parametrize("root", ["projects", "credits"])
async def test_every_paged_root_refuses_the_same_sizes(service: Service, root: str, size: int) -> None:
    answer = await service.query(f"{{ {root}(first: {size}) {{ totalCount }} }}")
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_lines_refuse_the_same_sizes_and_leave_their_neighbours(service: Service) -> None:
    answer = await service.query(
        f'{{ invoices(first: 1, filterBy: {{ accounts: ["{OWN}"] }}) {{ nodes {{'
        " bad: lineItems(first: 201) { totalCount } lineItems { totalCount } } } }"
    )

    [node] = answer["data"]["invoices"]["nodes"]
    assert (node["bad"], node["lineItems"]) == (None, {"totalCount": 16})
    assert answer["errors"][0]["path"] == ["invoices", "nodes", 0, "bad"]


@pytest.mark.parametrize("size", ["first", "last"])
async def test_two_hundred_and_none_at_all_are_sizes(service: Service, size: str) -> None:
    scope = f'filterBy: {{ accounts: ["{OWN}"] }}'
    whole = f"most: invoices({size}: 200, {scope}) {{ nodes {{ id }} }}"
    found = await service.data(f"{{ {whole} none: invoices({size}: 0, {scope}) {{ nodes {{ id }} }} }}")

    assert (len(found["most"]["nodes"]), found["none"]["nodes"]) == (36, [])
