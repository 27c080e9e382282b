"""A provider that responds to every call with the same bytes, and a query that selects every field."""

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import date
from typing import Any

import httpx
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_required_argument,
)
from graphql import GraphQLSchema as Types
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.schema import Schema

from providers import PROVIDERS
from providers.sandbox import Sandbox
from providers.transport.client import ApiClient
from providers.transport.httpx_carrier import HttpxCarrier
from resolvers.accounts import AccountRegistry
from server.accounts import build_graph
from server.config.settings import ServerSettings
from server.http.endpoint import Endpoint
from server.operations.runner import OperationRunner
from tests.harness import create_sandbox, now
from tests.uncached import uncached

SCHEMA = build_graph()


def short_history_sandbox() -> Sandbox:
    """The sandboxes of all providers with half a year of invoices: enough to notice missing ones, and fast to read."""
    return create_sandbox(*(spec.sandbox(now=now, first=date(2026, 5, 1)) for spec in PROVIDERS.values()))


def full_query(schema: Schema = SCHEMA) -> str:
    """Return a query for every field of a page of invoices, and of the month-to-date invoices."""
    types: Types = schema._schema
    invoice = _selection(types, types.type_map["Invoice"], {"Account", "Provider", "Coverage"})
    coverage = "coverage { account { id } status code message }"
    return f"{{ invoices {{ nodes {invoice} totalCount {coverage} }} monthToDate {{ nodes {invoice} {coverage} }} }}"


def _selection(types: Types, type_: Any, path: set[str]) -> str:
    """Return the selection of every field that needs no argument, at every level. No type repeats within `path`."""
    if isinstance(type_, GraphQLUnionType):
        return "{ " + " ".join(f"... on {one} {_selection(types, one, path)}" for one in type_.types) + " }"
    if not isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
        return ""
    path = path | {type_.name}
    parts = [*_fields(types, type_.fields, path)]
    if isinstance(type_, GraphQLInterfaceType):
        parts += [f"... on {one} {_selection(types, one, path)}" for one in types.get_possible_types(type_)]
    return "{ __typename " + " ".join(parts) + " }"


def _fields(types: Types, fields: Mapping[str, GraphQLField], path: set[str]) -> Iterable[str]:
    for name, field in fields.items():
        type_ = get_named_type(field.type)
        if type_.name not in path and not any(map(is_required_argument, field.args.values())):
            yield f"{name} {_selection(types, type_, path)}"


class HostileGraph:
    """The graph over one account of each provider. Every provider call gets `response`, without a network."""

    def __init__(self) -> None:
        self.response: httpx.Response = httpx.Response(200)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> "HostileGraph":
        provider = HttpxCarrier(httpx.MockTransport(self._respond))
        sources = []
        for account in short_history_sandbox().accounts("http://127.0.0.1:1"):
            spec = PROVIDERS[str(account["provider"])]
            settings = spec.settings.model_validate(account)
            sources.append(uncached(spec.source(settings, ApiClient(settings, provider))))
        accounts = AccountRegistry(PROVIDERS.values(), sources)
        endpoint = Endpoint(OperationRunner(SCHEMA, lambda: accounts, ServerSettings(deadline=30)))

        app = httpx.ASGITransport(Starlette(routes=[Route("/graphql", endpoint, methods=["POST"])]))
        self._client = await self._stack.enter_async_context(httpx.AsyncClient(transport=app, base_url="http://graph"))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _respond(self, _: httpx.Request) -> httpx.Response:
        return self.response

    async def query(self, document: str) -> dict[str, Any]:
        response = await self._client.post("/graphql", json={"query": document})
        assert response.status_code == 200
        result: dict[str, Any] = response.json()
        return result
