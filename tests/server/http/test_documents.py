"""Error messages and codes for invalid documents and variables, and odd ids."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import get_introspection_query, get_named_type

from providers.ttl import CacheTtl
from server.accounts import build_graph
from tests.harness import NO_CACHE_NO_RETRY, Service, running_service
from tests.server.hostile import short_history_sandbox

ACCOUNT = "query ($id: ID!) { account(id: $id) { id } node(id: $id) { id } invoice(id: $id) { id } }"
FIRST = "query ($n: Int) { invoices(first: $n) { nodes { id } } }"
ORDER = "query ($o: InvoiceOrder = NEWEST_FIRST) { invoices(orderBy: $o) { nodes { id } } }"
DOCUMENTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("{", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
    (" ", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
    ("{ a }\0", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected character: U+0000."),
    (
        r'{ node(id: "\ud800") { id } }',
        {},
        "GRAPHQL_PARSE_FAILED",
        r'Syntax Error: Invalid Unicode escape sequence: "\ud800".',
    ),
    ("{ a" * 20_000, {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Document is nested too deeply. Parsing aborted."),
    (
        "{" + "a " * 2_000 + "}",
        {},
        "GRAPHQL_PARSE_FAILED",
        "Syntax Error: Document contains more than 2000 tokens. Parsing aborted.",
    ),
    ("{ pay }", {}, "GRAPHQL_VALIDATION_FAILED", 'Cannot query field "pay" on type "Query".'),
    ("query ($x: ID) { providers { id } }", {}, "GRAPHQL_VALIDATION_FAILED", 'Variable "$x" is never used.'),
    (
        "query ($id: Int) { node(id: $id) { id } }",
        {},
        "GRAPHQL_VALIDATION_FAILED",
        'Variable "$id" of type "Int" used in position expecting type "ID!".',
    ),
    (
        ACCOUNT,
        {},
        "BAD_USER_INPUT",
        'Variable "$id" has invalid value: Expected a value of non-null type "ID!" to be provided.',
    ),
    (
        ACCOUNT,
        {"id": None},
        "BAD_USER_INPUT",
        'Variable "$id" has invalid value: Expected value of non-null type "ID!" not to be null.',
    ),
    (ACCOUNT, {"id": []}, "BAD_USER_INPUT", 'Variable "$id" has invalid value: ID cannot represent value: []'),
    (
        FIRST,
        {"n": 10**12},
        "BAD_USER_INPUT",
        'Variable "$n" has invalid value: Int cannot represent non 32-bit signed integer value: 1000000000000',
    ),
    (
        ORDER,
        {"o": None},
        "BAD_USER_INPUT",
        'Argument "orderBy" has invalid value: '
        'Expected variable "$o" provided to non-null type "InvoiceOrder!" not to be null.',
    ),
    (
        "query ($f: InvoiceFilter) { invoices(filterBy: $f) { nodes { id } } }",
        {"f": {"provider": ["it's", None, True, 'a\0"']}},
        "BAD_USER_INPUT",
        'Variable "$f" has invalid value: Expected value of type "InvoiceFilter" not to include unknown field '
        '"provider". Did you mean "providers"? Found: {"provider": ["it\'s", null, true, "a\\u0000\\""]}.',
    ),
    (
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
        {},
        "BAD_USER_INPUT",
        "The operation can return more than 50,000 list elements. Request smaller pages.",
    ),
    (
        '{ __type(name: "Query") { possibleTypes { interfaces { ...F } } } } fragment F on __Type { fields { name } }',
        {},
        "GRAPHQL_VALIDATION_FAILED",
        "Maximum introspection depth exceeded",
    ),
]
ODD_IDS = ["", "/", "\0", "fastly/sandbox-fastly/invoice/\0", "fastly/sandbox-fastly/invoice/%00", "💶" * 500]
ODD_IDS += [
    "fastly/sandbox-fastly/invoice/..",
    "fastly/sandbox-fastly/invoice/%ED%A0%80",
    str(10**60),
    "%",
    "a/b/c/d/e",
]


async def test_document_and_variable_errors_have_codes(service: Service) -> None:
    responses = [await service.query(document, variables) for document, variables, _, _ in DOCUMENTS]
    errors = [[(error["extensions"]["code"], error["message"]) for error in body["errors"]] for body in responses]

    assert errors == [[(code, message)] for _, _, code, message in DOCUMENTS]
    assert [body.get("data") for body in responses] == [None] * len(DOCUMENTS)


async def test_at_most_ten_errors_are_reported(service: Service) -> None:
    variables: dict[str, Any] = {"f": {"providers": [{}] * 30}}
    error_lists = [
        (await service.query("{" + " ".join(f"a{n}" for n in range(30)) + "}"))["errors"],
        (await service.query("query ($f: InvoiceFilter) { invoices(filterBy: $f) { totalCount } }", variables))[
            "errors"
        ],
    ]

    assert [len(errors) for errors in error_lists] == [10, 10]
    assert error_lists[0][-1]["message"] == "Too many validation errors, error limit reached. Validation aborted."
    assert {error["extensions"]["code"] for error in error_lists[1]} == {"BAD_USER_INPUT"}


async def test_full_introspection_query_is_answered(service: Service) -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )

    assert "types" in (await service.data(query))["__schema"]


def _arguments() -> Iterator[tuple[str, str, str]]:
    """Each argument of a root field, and each input field in it: a document with a variable, a selection with a
    placeholder for a literal, and the name of the input field, empty for the argument itself.
    """
    for field, definition in build_graph()._schema.type_map["Query"].fields.items():  # type: ignore[attr-defined]
        for argument, argument_definition in definition.args.items():
            document = f"query ($v: {argument_definition.type}) {{ {field}({argument}: $v) {{ __typename }} }}"
            yield document, f"{field}({argument}: %s) {{ __typename }}", ""
            for name in getattr(get_named_type(argument_definition.type), "fields", {}):
                yield document, f"{field}({argument}: {{ {name}: %s }}) {{ __typename }}", name


async def test_messages_contain_no_python_syntax() -> None:
    values: list[Any] = [None, True, 3, 2**70, 1.5, "it's", [], {}, ["it's", None, False, []], {"no such": {"a": None}}]
    literals = ["null", "true", "3", "1.5", '"None"', "NAME", "[]", "{}", "[null, NAME]", '{ no: { a: "\'" } }']
    messages: set[str] = set()
    async with running_service(
        short_history_sandbox(), settings={**NO_CACHE_NO_RETRY, "freshness": CacheTtl()}
    ) as service:
        for document, selection, name in _arguments():
            for batch in (
                [{"query": document, "variables": {"v": {name: value} if name else value}} for value in values],
                [{"query": f"{{ {selection % literal} }}"} for literal in literals],
            ):
                responses = (await service.post(batch)).json()
                messages |= {error["message"] for body in responses for error in body.get("errors", [])}

    unquoted = [re.sub(r'"(?:[^"\\]|\\.)*"', "", message) for message in messages]
    assert len(unquoted) > 100
    assert [
        message for message in unquoted if re.search(r"'|\b(None|True|False|Undefined)\b|<| instance", message)
    ] == []


async def test_invalid_literals_have_locations(service: Service) -> None:
    literals = {"currency: USD": 24, "periodFrom: TODAY": 26, "totalMin: {}": 24}
    for literal, column in literals.items():
        [error] = (await service.query(f"{{ invoices(filterBy: {{ {literal} }}) {{ totalCount }} }}"))["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT"}
        assert error["locations"] == [{"line": 1, "column": column + 10}]


async def test_odd_ids_are_null(service: Service) -> None:
    await service.prove_keys()
    objects = {odd_id: await service.data(ACCOUNT, {"id": odd_id}) for odd_id in ODD_IDS}

    nulls = {"account": None, "node": None, "invoice": None}
    assert objects == dict.fromkeys(ODD_IDS, nulls)
