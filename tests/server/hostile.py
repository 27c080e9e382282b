"""A provider that answers every call with the same bytes, and the question that selects all there is."""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import httpx
from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type
from graphql import GraphQLSchema as Types
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.schema import Schema

from providers import PROVIDERS
from providers.sandbox import Sandbox
from providers.transport.client import ApiClient
from resolvers.accounts import AccountRegistry
from server.accounts import build_graph
from server.config.settings import ServerSettings
from server.http.endpoint import Endpoint
from server.operations.runner import OperationRunner
from tests.harness import now, sandbox_of

SCHEMA = build_graph()


def few_months() -> Sandbox:
    """The three sandboxes with half a year of invoices: enough to be missed, and quickly read."""
    return sandbox_of(*(kind.sandbox(now=now, first=date(2026, 5, 1)) for kind in PROVIDERS.values()))


def everything(schema: Schema = SCHEMA) -> str:
    """All that can be asked of one page of invoices, and of the running ones."""
    types: Types = schema._schema
    invoice = _selection(types, types.type_map["Invoice"], {"Account", "Provider", "Coverage"})
    coverage = "coverage { account { id } status code message }"
    return f"{{ invoices {{ nodes {invoice} totalCount {coverage} }} monthToDate {{ nodes {invoice} {coverage} }} }}"


def _selection(types: Types, kind: Any, seen: set[str]) -> str:
    """Every field of a type that needs no argument, and of those below it, no type twice on one way."""
    if isinstance(kind, GraphQLUnionType):
        return "{ " + " ".join(f"... on {one} {_selection(types, one, seen)}" for one in kind.types) + " }"
    if not isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
        return ""
    seen = seen | {kind.name}
    parts = [*_fields(types, kind.fields, seen)]
    if isinstance(kind, GraphQLInterfaceType):
        parts += [f"... on {one} {_selection(types, one, seen)}" for one in types.get_possible_types(kind)]
    return "{ __typename " + " ".join(parts) + " }"


def _fields(types: Types, fields: Mapping[str, GraphQLField], seen: set[str]) -> Iterable[str]:
    for name, field in fields.items():
        kind = get_named_type(field.type)
        if kind.name not in seen:
            yield f"{name} {_selection(types, kind, seen)}"


class Hostile:
    """The graph over one account of each provider, whose calls are all answered by `answer`; without a network."""

    def __init__(self) -> None:
        self.answer: httpx.Response = httpx.Response(200)
        self.asked = 0
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "Hostile":
        provider = httpx.MockTransport(self._answer)
        sources = []
        for account in few_months().accounts("http://127.0.0.1:1"):
            kind = PROVIDERS[str(account["provider"])]
            settings = kind.settings.model_validate(account)
            sources.append(kind.source(settings, ApiClient(settings, provider)))
        roster = AccountRegistry(PROVIDERS.values(), sources)
        endpoint = Endpoint(OperationRunner(SCHEMA, lambda: roster, ServerSettings(deadline=30)))

        async def graphql(request: Request) -> Response:
            return await endpoint(request)

        app = httpx.ASGITransport(Starlette(routes=[Route("/graphql", graphql, methods=["POST"])]))
        self._client = await self._stack.enter_async_context(httpx.AsyncClient(transport=app, base_url="http://graph"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        return self.answer

    async def ask(self, query: str) -> dict[str, Any]:
        response = await self._client.post("/graphql", json={"query": query})
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer
