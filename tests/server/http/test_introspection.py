"""Introspection can be disabled, and the names that errors suggest with it."""

import pytest

from tests.harness import running_service
from tests.server.wire import error_codes_and_messages

FIELDS = {
    "{ __schema { types { name } } }": "__schema",
    '{ __type(name: "Query") { name } }': "__type",
    "{ _service { sdl } }": "_service",
    "query Q { ...F } fragment F on Query { a: __schema { description } }": "__schema",
}


@pytest.mark.parametrize("query", FIELDS)
async def test_disabled_introspection_hides_the_schema(query: str) -> None:
    async with running_service(introspection=False) as service:
        response = await service.post({"query": query})

    message = f'Introspection is disabled: "{FIELDS[query]}" cannot be selected.'
    assert error_codes_and_messages(response)[0] == ("GRAPHQL_VALIDATION_FAILED", message)
    assert "data" not in response.json()


async def test_other_operations_run_without_introspection() -> None:
    async with running_service(introspection=False) as service:
        assert await service.data("{ __typename accounts { __typename } }") == {
            "__typename": "Query",
            "accounts": [{"__typename": "Account"}] * 3,
        }
        entities = "query ($of: [_Any!]!) { _entities(representations: $of) { __typename } }"
        data = await service.data(entities, {"of": [{"__typename": "Account", "id": "fastly/sandbox-fastly"}]})
        unknown = await service.post({"query": "{ invoice }"})
        misspelt = await service.post({"query": "{ acounts { id } }"})

    assert data == {"_entities": [{"__typename": "Account"}]}
    assert unknown.status_code == 200
    assert error_codes_and_messages(misspelt)[0][1] == 'Cannot query field "acounts" on type "Query".'
