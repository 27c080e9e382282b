"""An id in a filter that names nothing adds a warning, which suggests the nearest id."""

from typing import Any

import pytest

from tests.harness import Service

from .fastly import ACCOUNT_ID

PALETTE = "spectrocloud/sandbox-palette"


async def warnings(service: Service, document: str, variables: dict[str, Any] | None = None) -> Any:
    """Return the warnings of an operation without errors."""
    payload = await service.query(document, variables)
    assert "errors" not in payload
    return payload.get("extensions", {}).get("warnings", [])


def warning(message: str, argument: str, nearest_id: str | None, field: str = "invoices") -> dict[str, Any]:
    return {"message": message, "field": field, "argument": argument, "nearestId": nearest_id}


UNKNOWN_PROVIDER = 'No provider has the id "Fastly". Did you mean "fastly"?'
UNKNOWN_ACCOUNT = f'No account has the id "sandbox-fastly". Did you mean "{ACCOUNT_ID}"?'
NO_ACCOUNT = 'No account has the id "x".'


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (
            'invoices(filterBy: { providers: ["Fastly"] }) { totalCount }',
            warning(UNKNOWN_PROVIDER, "filterBy.providers", "fastly"),
        ),
        (
            'invoices(filterBy: { accounts: ["sandbox-fastly"] }) { totalCount }',
            warning(UNKNOWN_ACCOUNT, "filterBy.accounts", ACCOUNT_ID),
        ),
        (
            'invoices(filterBy: { projects: ["fastly/sandbox-fastly/project/1"] }) { totalCount }',
            warning('No project has the id "fastly/sandbox-fastly/project/1".', "filterBy.projects", None),
        ),
        (
            'credits(filterBy: { accounts: ["x"] }) { totalCount }',
            warning(NO_ACCOUNT, "filterBy.accounts", None, "credits"),
        ),
        ('monthToDate(accounts: ["x"]) { coverage { status } }', warning(NO_ACCOUNT, "accounts", None, "monthToDate")),
        ('projects(accounts: ["x"]) { totalCount }', warning(NO_ACCOUNT, "accounts", None, "projects")),
        ('accounts(providers: ["Fastly"]) { id }', warning(UNKNOWN_PROVIDER, "providers", "fastly", "accounts")),
        (
            f'account(id: "{ACCOUNT_ID}") {{ invoices(filterBy: {{ providers: ["Fastly"] }}) {{ totalCount }} }}',
            warning(UNKNOWN_PROVIDER, "filterBy.providers", "fastly"),
        ),
        (
            f'account(id: "{PALETTE}") {{ projects(first: 1) {{ nodes {{ '
            'charges(filterBy: { providers: ["Fastly"] }) { totalCount } } } }',
            warning(UNKNOWN_PROVIDER, "filterBy.providers", "fastly", "charges"),
        ),
    ],
)
async def test_each_filter_warns_of_an_unknown_id(service: Service, selection: str, expected: dict[str, Any]) -> None:
    assert await warnings(service, f"{{ {selection} }}") == [expected]


@pytest.mark.parametrize(
    ("account_id", "nearest_id"),
    [
        (ACCOUNT_ID.upper(), ACCOUNT_ID),
        ("fastly/sandbox-fasty", ACCOUNT_ID),
        ("Sandbox-Palette", PALETTE),
        ("aws/prod", None),
        ("", None),
    ],
)
async def test_the_nearest_account_is_suggested(service: Service, account_id: str, nearest_id: str | None) -> None:
    document = "query ($ids: [ID!]) { invoices(filterBy: { accounts: $ids }) { totalCount } }"
    [entry] = await warnings(service, document, {"ids": [account_id]})

    assert entry["nearestId"] == nearest_id
    assert service.all_calls() == []


async def test_known_ids_and_null_and_empty_lists_cause_no_warning(service: Service) -> None:
    known = f'accounts: ["{ACCOUNT_ID}"], providers: ["fastly"], projects: ["{PALETTE}/project/1"]'
    for filter_by in (known, "accounts: null, providers: null, projects: null", "accounts: [], providers: []"):
        assert await warnings(service, f"{{ invoices(filterBy: {{ {filter_by} }}) {{ totalCount }} }}") == []


async def test_warnings_stand_beside_coverage_and_in_the_cached_response(service: Service) -> None:
    document = '{ invoices(first: 1, filterBy: { providers: ["fastly", "Fastly"] }) { nodes { id } } }'
    payloads = [await service.query(document) for _ in range(3)]

    assert [list(payload["extensions"]) for payload in payloads] == [["coverage", "warnings", "sandbox"]] * 3
    assert [payload["extensions"]["warnings"][0]["nearestId"] for payload in payloads] == ["fastly"] * 3


async def test_there_are_at_most_20_short_warnings(service: Service) -> None:
    document = "query ($ids: [ID!]) { a: accounts(providers: $ids) { id } b: accounts(providers: $ids) { id } }"
    many = await warnings(service, document, {"ids": [f"no-{number}" for number in range(50)]})
    [long] = await warnings(service, document, {"ids": ["x" * 1_000]})

    assert len(many) == 20
    assert long["message"] == f'No provider has the id "{"x" * 100}…".'
