"""Requests of every kind that the service refuses, each as costly as its kind can be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.harness import PREFLIGHT
from tests.server.wire import JSON

LINES = "invoices(first: 200) { nodes { lineItems(first: 200) { nodes { %s } } } }"
FILTER = "query ($filter: InvoiceFilter) { invoices(filterBy: $filter) { totalCount } }"
LENGTH = 90_000  # bytes: nearly the whole body


@dataclass(frozen=True)
class Refusal:
    """A request, and the status and the code of its response."""

    name: str
    code: str
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: JSON)
    method: str = "POST"
    url: str = "/graphql"


def refusals() -> Iterator[Refusal]:
    """Yield a request of each kind."""
    for name, (code, query) in DOCUMENTS.items():
        yield Refusal(name, code, orjson.dumps({"query": query}))
    for name, (query, variables) in VARIABLES.items():
        yield Refusal(name, "BAD_USER_INPUT", orjson.dumps({"query": query, "variables": variables}))
    for name, (status, body) in BODIES.items():
        yield Refusal(name, "BAD_USER_INPUT", body, status)
    yield from REQUESTS


def _repeat(number: int, text: str) -> str:
    """Return the text `number` times. `#` in it becomes the index."""
    return " ".join(text.replace("#", str(index)) for index in range(number))


DOCUMENTS = {
    "tokens": ("GRAPHQL_PARSE_FAILED", "{" + "a " * (LENGTH // 2) + "}"),
    "a syntax error at the end": ("GRAPHQL_PARSE_FAILED", "{" + _repeat(450, "id id") + "}}"),
    "levels": ("GRAPHQL_PARSE_FAILED", "{a" * (LENGTH // 3) + "}" * (LENGTH // 3)),
    "an unterminated text": ("GRAPHQL_PARSE_FAILED", '{ node(id: "' + "x" * LENGTH),
    "comments": ("GRAPHQL_PARSE_FAILED", "#\n" * (LENGTH // 3)),
    "fields": ("BAD_USER_INPUT", "{ providers {" + _repeat(990, "id name") + "} }"),
    "aliases": ("BAD_USER_INPUT", "{" + _repeat(400, "a#: __typename") + "}"),
    "directives": ("BAD_USER_INPUT", "{ id " + "@skip(if: true) " * 270 + "}"),
    "digits": ("BAD_USER_INPUT", "{ invoices(first: " + "9" * LENGTH + ") { totalCount } }"),
    "fragments in fragments": (
        "BAD_USER_INPUT",
        "{ ...F0 }" + "".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(180)),
    ),
    "a cycle of fragments": (
        "BAD_USER_INPUT",
        "{ ...F0 }" + "".join(f"fragment F{n} on Query {{ ...F{(n + 1) % 240} }}" for n in range(240)),
    ),
    "list elements": ("BAD_USER_INPUT", "{" + _repeat(74, "a#: " + LINES % "id") + "}"),
    "cost": ("BAD_USER_INPUT", "{" + LINES % _repeat(190, "a#: description") + "}"),
    "introspection": (
        "BAD_USER_INPUT",
        "{" + _repeat(110, "a#: __schema { types { fields { args { type { name } } } } }") + "}",
    ),
    "field comparisons": ("BAD_USER_INPUT", "{" + _repeat(180, "a: providers(x: #) { id }") + "}"),
    "comparisons of fragments": (
        "BAD_USER_INPUT",
        "{" + _repeat(160, "...F#") + "}" + _repeat(160, "fragment F# on Query { invoices { totalCount } }"),
    ),
    "types of definitions": ("GRAPHQL_VALIDATION_FAILED", "{ providers { id } }" + _repeat(270, "type T# { a: Int }")),
    "unknown fields": ("GRAPHQL_VALIDATION_FAILED", "{" + _repeat(990, "unknown#") + "}"),
    "one unknown field at the end": (
        "GRAPHQL_VALIDATION_FAILED",
        "{ providers {"
        + _repeat(400, "id name")
        + "} "
        + _repeat(60, "a#: invoices(first: #) { totalCount }")
        + " x }",
    ),
    "unused fragments": (
        "GRAPHQL_VALIDATION_FAILED",
        "{ __typename }" + _repeat(280, "fragment F# on Query { __typename }"),
    ),
    "unused variables": ("GRAPHQL_VALIDATION_FAILED", "query (" + _repeat(480, "$v#: Int") + ") { __typename }"),
    "unknown arguments": ("GRAPHQL_VALIDATION_FAILED", "{ invoices(" + _repeat(650, "a#: 1") + ") { totalCount } }"),
    "wrong literals": (
        "GRAPHQL_VALIDATION_FAILED",
        "{ invoices(filterBy: { accounts: [" + _repeat(1_900, "A#") + "] }) { totalCount } }",
    ),
    "a wrong literal at the end": (
        "GRAPHQL_VALIDATION_FAILED",
        "{ invoices(filterBy: { accounts: [" + _repeat(1_900, '"a#"') + " 1.5] }) { totalCount } }",
    ),
    "a long wrong literal": (
        "GRAPHQL_VALIDATION_FAILED",
        '{ invoices(first: "' + "it's 'x' " * (LENGTH // 9) + '") { totalCount } }',
    ),
}
VARIABLES: dict[str, tuple[str, dict[str, Any]]] = {
    "wrong values": (FILTER, {"filter": {"accounts": [1.5] * (LENGTH // 4)}}),
    "unknown keys": (FILTER, {"filter": {f"key{n}": n for n in range(LENGTH // 16)}}),
    "a long wrong value": (
        "query ($n: Int) { invoices(first: $n) { totalCount } }",
        {"n": "it's 'x' " * (LENGTH // 9)},
    ),
    "a long cursor": ("query ($c: String) { invoices(after: $c) { totalCount } }", {"c": "x" * LENGTH}),
    "a page too large": ("query ($n: Int) { invoices(first: $n) { totalCount } }", {"n": 2**31 - 1}),
    "representations": (
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Invoice { lineItems { nodes { id } } } } }",
        {"r": [{"__typename": "Invoice", "id": "x"}] * (LENGTH // 36)},
    ),
    "a wrong amount": (FILTER, {"filter": {"total": {"min": "1" * LENGTH}}}),
}
BODIES = {
    "operations without a name": (
        400,
        orjson.dumps({"query": _repeat(240, "query Q# { providers { id } }")}),
    ),
    "a body too long": (413, b" " * 200_000),
    "no JSON": (400, b"[" + b"1," * (LENGTH // 2)),
    "levels of JSON": (400, b'{"query": "{ __typename }", "variables": {"v": ' + b"[" * LENGTH),
    "texts of JSON": (400, b'{"variables": [' + rb'"\"[",' * (LENGTH // 6)),
    "a batch too long": (400, b"[" + b"{}," * (LENGTH // 3) + b"{}]"),
    "no operation": (400, b"{}"),
}
REQUESTS = [
    Refusal("a foreign host", "BAD_USER_INPUT", b"{}", 421, JSON | {"Host": "invoices.example.com"}),
    Refusal("a foreign page", "BAD_USER_INPUT", b"{}", 403, JSON | {"Origin": "https://example.com"}),
    Refusal(
        "a form", "BAD_USER_INPUT", b"query={__typename}", 415, {"Content-Type": "application/x-www-form-urlencoded"}
    ),
    Refusal("a compressed body", "BAD_USER_INPUT", b"\0" * LENGTH, 415, JSON | {"Content-Encoding": "gzip"}),
    Refusal("a query without preflight", "BAD_USER_INPUT", b"", 400, {}, "GET", "/graphql?query={__typename}"),
    Refusal("an unknown address", "BAD_USER_INPUT", b"", 404, {}, "GET", "/" + "x" * 30_000),
    Refusal(
        "levels in the address",
        "BAD_USER_INPUT",
        b"",
        400,
        PREFLIGHT,
        "GET",
        "/graphql?query={a}&variables=" + "[" * 30_000,
    ),
]
