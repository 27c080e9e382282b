"""Random HTTP requests: a document in a body or an address, and sometimes a part that is broken."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

from graphql import GraphQLSchema

from .documents import DocumentGenerator
from .values import ODD_VALUES, ValueGenerator

TOKENS = [
    "{",
    "}",
    "(",
    ")",
    "$",
    ":",
    "...",
    "@",
    '"',
    '"""',
    "#",
    "null",
    "\\u0000",
    "\ufeff",
    "9" * 200,
    "fragment",
    "é",
    " on ",
]
HEADERS: Sequence[tuple[str, Sequence[str]]] = [
    ("accept", ["*/*", "application/json", "application/graphql-response+json", "text/html", "a/b;q=x", ""]),
    ("content-type", ["application/json", "application/json; charset=utf-16", "text/plain", "multipart/form-data", ""]),
    ("content-encoding", ["identity", "gzip", "x", ","]),
    ("accept-encoding", ["br", "gzip;q=0", "*;q=0", "identity;q=0, *", "zstd"]),
    ("cache-control", ["no-cache", "no-store", "max-age=x"]),
    ("graphql-cost", ["report", "x"]),
    ("graphql-require-preflight", ["1", ""]),
    ("if-none-match", ["*", '"x"', "W/"]),
    ("x-request-id", ["a", "a b", "x" * 500, "\xff"]),
    ("host", ["127.0.0.1", "localhost:1", "example.com", "[::1]", "\xff", ""]),
    ("origin", ["null", "http://127.0.0.1", "https://example.com", "\xff"]),
    ("sec-fetch-site", ["cross-site", "same-origin"]),
]

SAME_DOCUMENT = 4  # requests


@dataclass(frozen=True)
class FuzzRequest:
    """A request to the service."""

    method: str
    url: str
    headers: list[tuple[bytes, bytes]]
    body: bytes


class RequestGenerator:
    """Generates the request of a seed. SAME_DOCUMENT successive seeds have the same document."""

    def __init__(self, schema: GraphQLSchema, ids: Sequence[str], cursors: Sequence[str]) -> None:
        self._schema, self._ids, self._cursors = schema, ids, cursors

    def request(self, seed: int) -> FuzzRequest:
        random = Random(seed)
        parameters = self._parameters(random, seed // SAME_DOCUMENT)
        headers = {"content-type": "application/json", "host": "127.0.0.1"}
        headers |= {name: random.choice(values) for name, values in HEADERS if random.random() < 0.02}
        if random.random() < 0.1:
            headers["accept"] = "multipart/mixed"
        encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        if random.random() < 0.1:
            preflight = [(b"graphql-require-preflight", b"1")]
            return FuzzRequest("GET", f"/graphql?{_query_string(random, parameters)}", encoded + preflight, b"")
        content: Any = parameters
        if random.random() < 0.05:
            content = [self._parameters(random, seed + index) for index in range(random.choice([0, 1, 2, 3, 11]))]
        body = json.dumps(content).encode()
        return FuzzRequest(
            "POST", "/graphql", encoded, _altered_bytes(random, body) if random.random() < 0.05 else body
        )

    def _parameters(self, random: Random, document_seed: int) -> dict[str, Any]:
        document_random = Random(document_seed)
        is_wrong = document_random.random() < 0.25
        values = self._values(document_random, 0.05 if is_wrong else 0)
        generator = DocumentGenerator(self._schema, document_random, values, is_wrong=is_wrong)
        text = generator.document()
        if is_wrong and document_random.random() < 0.5:
            text = _altered_text(document_random, text)
        parameters: dict[str, Any] = {"query": text, "variables": self._variables(random, generator)}
        if random.random() < 0.1:
            parameters["operationName"] = random.choice(["Fuzz", "Other", ""])
        if random.random() < 0.05:
            key = random.choice(["query", "variables", "operationName", "extensions", "other"])
            parameters[key] = random.choice([*ODD_VALUES, {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}])
        return parameters

    def _variables(self, random: Random, generator: DocumentGenerator) -> dict[str, Any]:
        return generator.variables(random, self._values(random, random.choice([0, 0, 0.05])))

    def _values(self, random: Random, wrong_types: float) -> ValueGenerator:
        return ValueGenerator(random, self._ids, self._cursors, wrong_types=wrong_types)


def _query_string(random: Random, parameters: dict[str, Any]) -> str:
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
    query = "&".join(f"{key}={quote(value, errors='surrogatepass')}" for key, value in texts.items())
    return query + random.choice(["", "", "", "&query=x", "&%00", "&variables=[", "&variables=%ff"])


def _altered_text(random: Random, text: str) -> str:
    """Return the text with some words removed, doubled, moved or replaced."""
    words = text.split(" ")
    for _ in range(random.randint(1, 3)):
        index = random.randrange(len(words))
        words[index : index + 1] = random.choice(
            [
                [],
                [words[index]] * 2,
                [random.choice(words)],
                [random.choice(TOKENS)],
                [words[index], random.choice(TOKENS)],
            ]
        )
        words = words or [""]
    return " ".join(words)


def _altered_bytes(random: Random, body: bytes) -> bytes:
    index = random.randrange(len(body))
    return (
        body[:index]
        + random.choice([b"", b"\xff", b"\0", b'"', b"[" * 200, bytes([random.randrange(256)])])
        + body[index + random.choice([0, 1, 9]) :]
    )
