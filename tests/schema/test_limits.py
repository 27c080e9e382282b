"""Tests that an operation that is too large is rejected before any provider is called."""

import pytest

from tests.harness import Service

PAGE = "invoices(first: 200) { nodes { account { %s } } }"


def _nested(levels: int) -> str:
    query = "id"
    for _ in range(levels):
        query = PAGE % query
    return f"{{ {query} }}"


def _spread(number: int) -> str:
    """Return a query that spreads this number of fragments, all with the same selection."""
    fragments = "".join(f"fragment F{n} on Query {{ invoices {{ totalCount }} }} " for n in range(number))
    return "{" + "".join(f"...F{n} " for n in range(number)) + "}" + fragments


def _aliased(number: int) -> str:
    """Return a query for this number of fields on each line item of the largest pages."""
    fields = " ".join(f"a{n}: description" for n in range(number))
    return f"{{ invoices(first: 200) {{ nodes {{ lineItems(first: 200) {{ nodes {{ {fields} }} }} }} }} }}"


TOO_LARGE = {
    "costs more than 250,000. Request fewer fields, or smaller pages": _aliased(190),
    "can return more than 50,000 list elements. Request smaller pages ": (
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    ),
    "can return more than 50,000 list elements. Request smaller pages": _nested(3),
    "is nested deeper than 24 levels": "{ providers {" + "... {" * 23 + "id" + "}" * 23 + "} }",
    "selects more than 1,000 fields": "{ providers { " + "id " * 1_000 + "} }",
    "has more than 200 aliases": "{" + "".join(f"a{n}: providers {{ id }} " for n in range(201)) + "}",
    "has a number with more than 100 digits": "{ invoices(first: " + "9" * 5_000 + ") { totalCount } }",
    "is nested deeper than 24 levels ": '{ __type(name: "ID") {' + "ofType {" * 23 + "name" + "}" * 23 + "} }",
    "has more than 200 aliases ": "{ __schema { " + "".join(f"a{n}: description " for n in range(201)) + "} }",
    "selects more than 1,000 fields ": "{ unknown { " + "id " * 1_000 + "} }",
    "streams a list with an initialCount that is null or negative": "{ providers @stream(initialCount: -1) { id } }",
    "takes too much work to validate. Request less at once": _spread(150),
    "has more than 50 directives": "{ providers { id " + "@include(if: true) " * 51 + "} }",
}


@pytest.mark.parametrize(("reason", "query"), TOO_LARGE.items())
async def test_too_large_operation_is_rejected_with_its_reason(service: Service, reason: str, query: str) -> None:
    response = (await service.post({"query": query})).json()
    [error] = response["errors"]
    assert error["message"] == f"The operation {reason.strip()}."
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert "data" not in response
    assert service.all_calls() == []


async def test_repeated_fields_within_the_limits_are_accepted(service: Service) -> None:
    assert "errors" not in await service.query("{ providers { " + "id " * 999 + "} }")
    assert "errors" not in await service.query("{" + "providers { id } " * 499 + "}")
    assert "errors" not in await service.query(_spread(50))


async def test_fragment_counts_at_every_spread(service: Service) -> None:
    query = "query { a: invoices { ...F } b: invoices { ...F } } fragment F on InvoiceConnection { nodes { " + (
        "id " * 499 + "} }"
    )
    assert "selects more than 1,000 fields" in (await service.post({"query": query})).text


async def test_page_size_in_a_variable_counts(service: Service) -> None:
    lines = "lineItems { nodes { id } }"
    page = "invoices(first: $n) { nodes { %s } }"
    query = "query ($n: Int) {" + page % f"account {{ {page % lines} }}" + "}"
    assert "50,000" in (await service.post({"query": query, "variables": {"n": 200}})).text
    assert "errors" not in (await service.post({"query": query, "variables": {"n": 2}})).json()


async def test_accepted_sizes_do_not_admit_other_sizes(service: Service) -> None:
    lines = "lineItems(first: $lines) { nodes { id } }"
    page = f"invoices(first: $n, filterBy: {{accounts: $a}}) {{ nodes {{ a: {lines} b: {lines} }} }}"
    query = f"query ($n: Int, $lines: Int, $a: [ID!]) {{ {page} }}"
    few: dict[str, object] = {"n": 1, "lines": 1}
    variable_sets = [few, few | {"a": []}, few | {"n": 200, "lines": 200}, few | {"lines": 200}, {}]
    texts = [(await service.post({"query": query, "variables": variables})).text for variables in variable_sets * 2]
    assert ["50,000" in text for text in texts] == [False, False, True, False, False] * 2


async def test_omitted_variable_counts_with_its_default(service: Service) -> None:
    lines = "lineItems(first: $n) { nodes { id } }"
    query = f"query ($n: Int = %d) {{ invoices(first: $n) {{ nodes {{ a: {lines} b: {lines} }} }} }}"
    assert "50,000" in (await service.post({"query": query % 200})).text
    assert "errors" not in (await service.post({"query": query % 2})).json()
    assert "errors" not in (await service.post({"query": query % 200, "variables": {"n": 2}})).json()


async def test_initial_count_in_a_variable_is_checked(service: Service) -> None:
    query = "query ($n: Int = null) { providers @stream(initialCount: $n) { id } }"
    variable_sets: list[dict[str, int | None]] = [{"n": -1}, {"n": None}, {}, {"n": 0}]
    texts = [
        (await service.post({"query": query, "variables": variables}, Accept="multipart/mixed")).text
        for variables in variable_sets
    ]
    assert ["null or negative" in text for text in texts] == [True, True, True, False]


async def test_oversized_page_is_rejected_by_its_field(service: Service) -> None:
    query = "query ($n: Int!) { invoices(first: $n) { nodes { id } } }"
    [error] = (await service.post({"query": query, "variables": {"n": 100_000}})).json()["errors"]
    assert error["message"] == "first must be between 0 and 200."


async def test_fragment_cycle_is_rejected(service: Service) -> None:
    query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    assert "is nested deeper than 24 levels" in (await service.post({"query": query})).text


async def test_largest_pages_with_lines_are_accepted(service: Service) -> None:
    await service.data("{ invoices(first: 200) { nodes { lineItems(first: 200) { nodes { cost { amount } } } } } }")


ENTITIES = (
    "_entities(representations: %s) "
    "{ ... on Invoice { a: lineItems(first: 200) { nodes { id } } b: lineItems(first: 200) { nodes { id } } } }"
)
REFERENCES = [{"__typename": "Invoice", "id": f"fastly/main/invoice/{n}"} for n in range(150)]


@pytest.mark.parametrize(("references", "is_refused"), [(REFERENCES, True), (REFERENCES[:2], False)])
async def test_every_representation_counts(
    service: Service, references: list[dict[str, str]], *, is_refused: bool
) -> None:
    in_variable = f"query ($r: [_Any!]!) {{ {ENTITIES % '$r'} }}"
    literal = ", ".join(f'{{__typename: "Invoice", id: "{reference["id"]}"}}' for reference in references)
    texts = [
        (await service.post({"query": in_variable, "variables": {"r": references}})).text,
        (await service.post({"query": f"{{ {ENTITIES % f'[{literal}]'} }}"})).text,
    ]
    assert ["50,000 list elements" in text for text in texts] == [is_refused] * 2
    assert service.all_calls() == [] or not is_refused


async def test_few_accepted_representations_do_not_admit_many(service: Service) -> None:
    query = f"query ($r: [_Any!]!) {{ {ENTITIES % '$r'} }}"
    lengths = [1, 150, 1]
    texts = [(await service.post({"query": query, "variables": {"r": REFERENCES[:n]}})).text for n in lengths]
    assert ["50,000 list elements" in text for text in texts] == [False, True, False]


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ providers { id } }", 1 + 3),
        (
            "{ invoices(first: 3) { nodes { id lineItems(first: 2) { nodes { product } } } } }",
            10 + 1 + 3 * (1 + 10 + 1 + 2),
        ),
        ("{ __schema { directives { name } } }", 1 + 1 + 15),
    ],
)
async def test_cost_is_reported_on_request(service: Service, query: str, cost: int) -> None:
    for _ in range(2):
        reported = (await service.post({"query": query}, **{"GraphQL-Cost": "report"})).json()
        assert reported["extensions"]["cost"] == {"estimated": cost, "max": 250_000}
        assert "cost" not in (await service.query(query)).get("extensions", {})
