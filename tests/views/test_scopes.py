"""The scopes that the SDL names are those that the service enforces, before any provider call."""

from typing import Any

import pytest
from graphql import ObjectTypeDefinitionNode, parse, print_ast

from resolvers.grants import EVERYTHING, Grants
from schema.scopes import Scope
from server.accounts import build_graph
from tests.harness import Service, running_service
from tests.streams.clients import CHANGED, events

from .callers import FASTLY, READ, data, key_header, post, service_with_callers

INVOICES, RAW = "invoices:read", "raw:read"
UNGUARDED = {"Query.providers"}  # the same for every caller
DIRECTIVE = '@requiresScopes(scopes: [["%s"]])'
SCOPES = {DIRECTIVE % INVOICES: {INVOICES}, DIRECTIVE % f'{INVOICES}", "{RAW}': {INVOICES, RAW}}
CALLERS = {INVOICES: "no-invoices", RAW: "no-raw"}  # by the scope that they lack
WITHOUT = {name: Grants(EVERYTHING.accounts, EVERYTHING.scopes - {scope}) for scope, name in CALLERS.items()}
RAW_OBJECT = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id raw } } }'


def declared_scopes() -> dict[str, set[str]]:
    """Return the scopes of each type, and of each field as `Type.field`, that the SDL names."""
    declared = {}
    for kind in parse(build_graph().sdl).definitions:
        if isinstance(kind, ObjectTypeDefinitionNode):
            elements: list[tuple[str, Any]] = [
                (kind.name.value, kind),
                *((f"{kind.name.value}.{f.name.value}", f) for f in kind.fields or ()),
            ]
            for name, element in elements:
                for directive in element.directives or ():
                    if directive.name.value == "requiresScopes":
                        declared[name] = SCOPES[print_ast(directive)]
    return declared


DECLARED = declared_scopes()


def selection_of(coordinate: str) -> str:
    """Return an operation that selects a type or a field, and nothing else that requires more than its type."""
    kind, _, field = coordinate.partition(".")
    if kind in {"Query", "Subscription"}:
        # The subscription's filter contradicts itself, so that it ends at once.
        arguments = '(filterBy: { periodFrom: "2026-02-01", periodTo: "2026-01-01" })' if kind != "Query" else ""
        return f"{kind.lower()} {{ {field}{arguments} {{ __typename }} }}"
    keys = f'[{{ __typename: "{kind}", id: "{FASTLY}/x/1" }}]'
    return f"{{ _entities(representations: {keys}) {{ ... on {kind} {{ {field or '__typename'} }} }} }}"


def refusals(payload: Any) -> set[str]:
    """Return the first word of each refusal: what requires a scope."""
    errors = [error for error in payload.get("errors", ()) if error["extensions"]["code"] == "MISSING_SCOPE"]
    assert not errors or "data" not in payload
    return {error["message"].split()[0] for error in errors}


async def test_declared_scopes_are_the_enforced_ones() -> None:
    async with service_with_callers(WITHOUT) as service:
        enforced = {
            coordinate: {
                scope for scope, caller in CALLERS.items() if coordinate in await refused(service, caller, coordinate)
            }
            for coordinate in DECLARED
        }
        refused_to_admin = [coordinate for coordinate in DECLARED if await refused(service, "admin", coordinate)]

    assert enforced == DECLARED
    assert refused_to_admin == []


async def refused(service: Service, caller: str, coordinate: str) -> set[str]:
    """Return what of an operation on a type or a field is refused for want of a scope."""
    query = selection_of(coordinate)
    if not query.startswith("subscription"):
        return refusals((await post(service, caller, query)).json())
    async with events(service, {"query": query}, **key_header(caller)) as stream:
        return refusals((await anext(stream))[1])


def test_every_root_field_is_guarded() -> None:
    types: dict[str, Any] = {
        kind.name.value: kind for kind in parse(build_graph().sdl).definitions if hasattr(kind, "name")
    }
    fields = {f"{root}.{field.name.value}": field for root in ("Query", "Subscription") for field in types[root].fields}
    unguarded = {name for name, field in fields.items() if name not in DECLARED and named(field.type) not in DECLARED}

    assert unguarded == UNGUARDED


def named(kind: Any) -> str:
    while hasattr(kind, "type"):
        kind = kind.type
    return str(kind.name.value)


@pytest.mark.parametrize(
    "query",
    [
        RAW_OBJECT,
        "{ invoices(first: 1) { nodes { ...F } } } fragment F on Invoice { ... { raw } }",
        "query A($no: Boolean = false) { invoices(first: 1) { nodes { raw @include(if: $no) } } }",
        "{ invoices(first: 1) { nodes { lineItems { edges { node { raw } } } } } }",
        '{ node(id: "x") { ... on Invoice { raw } } }',
        "{ monthToDate { nodes { one: raw two: raw } } }",
    ],
)
async def test_raw_objects_need_their_scope(query: str) -> None:
    async with service_with_callers({"reader": Grants(EVERYTHING.accounts, READ)}) as service:
        response = await post(service, "reader", query)

        [error] = response.json()["errors"]
        assert error["extensions"] == {"code": "MISSING_SCOPE"}
        assert error["message"].endswith(
            ".raw requires the scope invoices:read and raw:read, which the caller does not have."
        )
        assert error["locations"]
        assert service.all_calls() == []
        assert "errors" not in (await post(service, "admin", query)).json()


async def test_another_operation_of_the_document_needs_no_scope() -> None:
    document = f"query A {{ accounts {{ id }} }} query B {RAW_OBJECT}"
    async with service_with_callers({"reader": Grants(EVERYTHING.accounts, READ)}) as service:
        bodies = [{"query": document, "operationName": name} for name in "AB"]
        payloads = [(await service.post(body, **key_header("reader"))).json() for body in bodies]

    assert ["errors" in payload for payload in payloads] == [False, True]


async def test_no_view_without_scope_gets_a_kept_raw_object() -> None:
    async with service_with_callers({"reader": Grants(EVERYTHING.accounts, READ)}) as service:
        for _ in range(2):
            assert (await data(service, "admin", RAW_OBJECT))["invoices"]["nodes"][0]["raw"]
            assert refusals((await post(service, "reader", RAW_OBJECT)).json()) == {"Invoice.raw"}


async def test_a_stream_needs_the_scope_too() -> None:
    raw = CHANGED.replace("{ id", "{ raw id")
    async with service_with_callers({"reader": Grants(EVERYTHING.accounts, READ)}) as service:
        for query in (raw, RAW_OBJECT):
            async with events(service, {"query": query}, **key_header("reader")) as stream:
                assert refusals((await anext(stream))[1]) == {"Invoice.raw"}


@pytest.mark.parametrize(("scopes", "calls"), [(READ, 0), (READ | {Scope.CACHE_BYPASS}, 1)])
async def test_no_cache_needs_its_scope(scopes: frozenset[Scope], calls: int) -> None:
    query = '{ invoices(first: 1, filterBy: { providers: ["fastly"] }) { nodes { id } } }'
    async with service_with_callers({"reader": Grants(EVERYTHING.accounts, scopes)}) as service:
        await data(service, "reader", query)
        service.reset_calls()
        assert "errors" not in (await post(service, "reader", query, **{"Cache-Control": "no-cache"})).json()

        assert len(service.calls("fastly")) == calls


async def test_the_served_sdl_names_enforced_scopes_only() -> None:
    async with running_service() as service:
        sdl = (await service.data("{ _service { sdl } }"))["_service"]["sdl"]

    assert sdl == build_graph().open_sdl
    assert "requiresScopes" not in sdl
    async with service_with_callers({}) as service:
        assert (await data(service, "admin", "{ _service { sdl } }"))["_service"]["sdl"] == build_graph().sdl
