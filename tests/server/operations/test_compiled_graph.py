"""The compiled executor and graphql-core's executor return the same responses for the graph of invoices."""

import json
from pathlib import Path
from typing import Any

import orjson

from providers.call import CallContext
from resolvers.request import RequestContext
from server.accounts import build_graph, connect_accounts, serve_sandbox_accounts
from tests.harness import create_sandbox

EXAMPLES = sorted((Path(__file__).parents[3] / "graphiql/examples").glob("*.graphql"))


async def test_both_executors_agree_on_the_examples() -> None:
    responses: dict[str, list[str]] = {}
    async with serve_sandbox_accounts(create_sandbox()) as accounts, connect_accounts(accounts) as connections:
        for schema in (build_graph(compiled=False), build_graph()):
            for document in [file.read_text() for file in EXAMPLES] * 3:
                context = RequestContext(connections.registry, CallContext())
                executor: Any = schema.prepare_execution(schema.documents(document), None, None, context)
                result = await executor.execute_operation()
                context.close()
                assert result.errors is None, document
                responses.setdefault(document, []).append(json.dumps(result.data, default=_decode))

    assert {document: len(set(texts)) for document, texts in responses.items()} == dict.fromkeys(responses, 1)


async def test_an_invalid_directive_has_the_same_error_in_each_execution() -> None:
    document = """query ($x: Boolean = true) {
      projects { nodes { id name @include(if: $x) } }
      invoices(first: 1) { nodes { id total { amount @include(if: $x) } } }
    }"""
    errors = []
    async with serve_sandbox_accounts(create_sandbox()) as accounts, connect_accounts(accounts) as connections:
        for schema in (build_graph(compiled=False), build_graph()):
            for _ in range(3):
                context = RequestContext(connections.registry, CallContext())
                executor: Any = schema.prepare_execution(schema.documents(document), None, {"x": None}, context)
                result = await executor.execute_operation()
                context.close()
                errors.append([(error.message, error.path) for error in result.errors])

    assert errors == [errors[0]] * 6
    assert errors[0][0][1] is not None


def _decode(fragment: orjson.Fragment) -> Any:
    """Return the value of a list that is serialized already."""
    return json.loads(orjson.dumps(fragment))
