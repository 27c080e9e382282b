"""Hostile clients that send documents, variables and bodies. Each returns the responses that it got."""

import asyncio
import gzip
from itertools import count
from urllib.parse import quote

from .upstream import HOSTILE
from .wire import JSON, Response, Target, request

LINES = "invoices(first: 200) { nodes { lineItems(first: 200) { nodes { %s } } } }"
EVERYTHING = (
    "invoices(first: 200) { nodes { id number total { amount currency } credits { id } lineItems { nodes { id } } } }"
)
OF_FASTLY = 'filterBy: {accounts: ["fastly/sandbox-fastly"]}'
LENGTH = 90_000  # bytes: nearly the longest body
_numbers = count()  # no two requests are the same, so that none is cached or shared


def _repeat(number: int, text: str) -> str:
    """Return the text `number` times. `#` in it becomes the index."""
    return " ".join(text.replace("#", str(index)) for index in range(number))


async def hostile_accounts(target: Target) -> list[Response]:
    """Query the accounts of all hostile providers at once."""
    queries = (
        f'{{ invoices(first: {next(_numbers) % 200}, filterBy: {{accounts: ["fastly/hostile-{kind}"]}}) '
        "{ nodes { id lineItems { nodes { id } } } coverage { status code } } }"
        for kind in HOSTILE
    )
    return list(await asyncio.gather(*(target.query(query) for query in queries)))


async def dearest_operation(target: Target) -> list[Response]:
    """Send an operation that is nearly as dear as one may be: many fields of all lines of some invoices."""
    number = next(_numbers)
    lines = f"lineItems(first: 200) {{ nodes {{ {_repeat(150, f'a{number}_#: description')} }} }}"
    return [await target.query(f"{{ invoices(first: 8, {OF_FASTLY}) {{ nodes {{ {lines} }} }} }}")]


async def refused_documents(target: Target) -> list[Response]:
    """Send documents that exceed one limit each."""
    number = next(_numbers)
    documents = (
        "{" + "a " * (LENGTH // 2) + "}",
        "{a" * (LENGTH // 3),
        "{" + _repeat(70, "a#: " + LINES % "id") + "}",
        "{" + LINES % _repeat(190, "a#: description") + "}",
        "{" + _repeat(180, f"a: providers(x{number}: #) {{ id }}") + "}",
        "{ __typename }" + _repeat(280, f"fragment F{number}_# on Query {{ __typename }}"),
        "{ invoices(first: " + "9" * LENGTH + ") { totalCount } }",
        "{ ...A } fragment A on Query { ...A }",
        "{" + _repeat(110, "a#: __schema { types { fields { args { type { name } } } } }") + "}",
    )
    return [await target.query(document) for document in documents]


async def unknown_ids(target: Target) -> list[Response]:
    """Ask for invoices that do not exist, by aliases, by references and in a filter."""
    number = next(_numbers)
    ids = [f"fastly/sandbox-fastly/invoice/none-{number}-{index}" for index in range(150)]
    references = [{"__typename": "Invoice", "id": each} for each in ids]
    by_alias = "{" + " ".join(f'a{index}: invoice(id: "{each}") {{ id }}' for index, each in enumerate(ids)) + "}"
    in_filter = "query ($ids: [ID!]) { invoices(filterBy: {accounts: $ids}) { totalCount } }"
    entities = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Invoice { id } } }"
    return [
        await target.query(by_alias),
        await target.query(entities, r=references),
        await target.query(in_filter, ids=[f"fastly/x{index}" for index in range(5_000)]),
    ]


async def batches(target: Target) -> list[Response]:
    """Send batches of ten, and one that is too long."""
    batch = [{"query": f"{{ a{next(_numbers)}: {EVERYTHING} }}"} for _ in range(10)]
    return [await target.post(batch), await target.post([{"query": "{ __typename }"}] * 11)]


async def broken_bodies(target: Target) -> list[Response]:
    """Send packed, deep, long and unfinished JSON, and forms."""
    bodies: tuple[tuple[bytes, dict[str, str]], ...] = (
        (gzip.compress(b" " * 10_000_000), JSON | {"Content-Encoding": "gzip"}),
        (b'{"variables": ' + b"[" * LENGTH, JSON),
        (b"[" + b"{}," * (LENGTH // 3), JSON),
        (b"query={__typename}", {"Content-Type": "application/x-www-form-urlencoded"}),
        (b'{"query": "' + b"\xff" * LENGTH, JSON),
    )
    responses = []
    for body, headers in bodies:
        async with target.connect() as connection:
            await connection.send(request("POST", "/graphql", body, **headers))
            responses.append(await connection.response())
    return responses


async def other_sites(target: Target) -> list[Response]:
    """Send what a page of another site can make a browser send."""
    query = quote(f"{{ a{next(_numbers)}: invoices {{ totalCount }} }}")
    attempts: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("GET", f"/graphql?query={query}", {"Sec-Fetch-Site": "cross-site"}),
        ("GET", f"/graphql?query={query}", {"Host": "rebound.example.com"}),
        ("POST", "/graphql", {"Origin": "https://example.com", "Content-Type": "text/plain"}),
        ("GET", "/graphiql/../../etc/passwd", {}),
        ("OPTIONS", "/graphql", {"Origin": "https://example.com"}),
    )
    responses = []
    for method, path, headers in attempts:
        async with target.connect() as connection:
            await connection.send(request(method, path, **headers))
            responses.append(await connection.response())
    return responses


ATTACKS = (
    hostile_accounts,
    dearest_operation,
    refused_documents,
    unknown_ids,
    batches,
    broken_bodies,
    other_sites,
)
