"""Generated code completes the examples and the benchmark's documents without a fallback to graphql-core."""

from pathlib import Path
from typing import Any

from providers.call import CallContext
from resolvers.request import RequestContext
from server.accounts import build_graph, connect_accounts, serve_sandbox_accounts
from tests.harness import create_sandbox

ROOT = Path(__file__).parents[3]
DOCUMENTS = [*ROOT.glob("graphiql/examples/*.graphql"), *ROOT.glob("benchmarks/documents/*.graphql")]
VARIABLES = {"dashboard": {"from": "2026-01-01", "paid": ["PAID"], "raw": True}}


async def test_no_document_falls_back_to_graphql_core() -> None:
    schema, compiled = build_graph(), dict[str, int]()
    compiler: Any = schema.compiler
    async with serve_sandbox_accounts(create_sandbox()) as accounts, connect_accounts(accounts) as connections:
        for file in DOCUMENTS:
            document = schema.documents(file.read_text())
            for _ in range(3):  # first without code, then with it, then with lists that are serialised already
                context = RequestContext(connections.registry, CallContext())
                executor: Any = schema.prepare_execution(document, None, VARIABLES.get(file.stem), context)
                result = await executor.execute_operation()
                context.close()
                assert result.errors is None, file.name
            (plans,) = document.plans.values()
            codes = [code for plan in plans.variants.values() for code in plan.compiled.values()]
            compiled[file.name] = sum(code is not None for code in codes)

    assert len(compiled) == len(DOCUMENTS) == 17
    assert min(compiled.values()) > 0, compiled
    assert compiler.fallbacks == {}
