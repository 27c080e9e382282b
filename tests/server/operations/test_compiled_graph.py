"""The graph of invoices has the same answers from the compiled executor as from graphql-core's own."""

import json
from pathlib import Path

from resolvers.request import RequestContext
from server.accounts import build_graph, connect_accounts, serve_sandbox_accounts
from tests.harness import sandbox_of

EXAMPLES = sorted((Path(__file__).parents[3] / "graphiql/examples").glob("*.graphql"))


async def test_the_examples_of_the_page_have_the_same_answers_either_way() -> None:
    answers: dict[str, list[str]] = {}
    async with serve_sandbox_accounts(sandbox_of()) as accounts, connect_accounts(accounts) as connections:
        for schema in (build_graph(compiled=False), build_graph()):
            for document in [file.read_text() for file in EXAMPLES] * 3:
                context = RequestContext(connections.registry)
                result = await schema.execute(document, context_value=context)
                context.close()
                assert result.errors is None, document
                answers.setdefault(document, []).append(json.dumps(result.data))

    assert {document: len(set(heard)) for document, heard in answers.items()} == dict.fromkeys(answers, 1)
