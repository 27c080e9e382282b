"""Errors about misspelled names suggest names of the schema, while the schema is public by introspection."""

from typing import Any

from providers import PROVIDERS
from schema import build_schema
from tests.harness import Service

ORDERS = 'Did you mean the enum value "NEWEST_FIRST" or "OLDEST_FIRST"?'
MISSPELLED: list[tuple[str, dict[str, Any], str]] = [
    ("{ invoicez { id } }", {}, 'Cannot query field "invoicez" on type "Query". Did you mean "invoice" or "invoices"?'),
    (
        "{ invoices { nodes { numbr } } }",
        {},
        'Cannot query field "numbr" on type "Invoice". Did you mean "number"?',
    ),
    ("{ ... on Invoic { id } }", {}, 'Unknown type "Invoic". Did you mean "Invoice"?'),
    (
        "{ invoices(frist: 1) { totalCount } }",
        {},
        'Unknown argument "frist" on field "Query.invoices". Did you mean "first" or "last"?',
    ),
    (
        "{ invoices @include(iff: true) { totalCount } }",
        {},
        'Unknown argument "iff" on directive "@include". Did you mean "if"?',
    ),
    (
        "{ invoices(orderBy: NEWEST_FRST) { totalCount } }",
        {},
        f'Value "NEWEST_FRST" does not exist in "InvoiceOrder" enum. {ORDERS}',
    ),
    (
        '{ invoices(orderBy: "NEWEST_FIRST") { totalCount } }',
        {},
        f'Enum "InvoiceOrder" cannot represent non-enum value: "NEWEST_FIRST". {ORDERS}',
    ),
    (
        "{ invoices(filterBy: { provider: 1 }) { totalCount } }",
        {},
        'Expected value of type "InvoiceFilter" not to include unknown field "provider". Did you mean "providers"? '
        "Found: { provider: 1 }.",
    ),
    (
        "query ($o: InvoiceOrder!) { invoices(orderBy: $o) { totalCount } }",
        {"o": "NEWEST_FRST"},
        f'Variable "$o" has invalid value: Value "NEWEST_FRST" does not exist in "InvoiceOrder" enum. {ORDERS}',
    ),
    (
        "query ($f: InvoiceFilter!) { invoices(filterBy: $f) { totalCount } }",
        {"f": {"provider": 1}},
        'Variable "$f" has invalid value: Expected value of type "InvoiceFilter" not to include unknown field '
        '"provider". Did you mean "providers"? Found: {"provider": 1}.',
    ),
]
SYNTAX_HINTS = {
    "{ node(id: 'x') { id } }": "Syntax Error: Unexpected single quote character ('), did you mean to use a double "
    'quote (")?',
    "{ a .. }": 'Syntax Error: Unexpected "..", did you mean "..."?',
    "{ invoices(first: .5) { totalCount } }": (
        'Syntax Error: Invalid number, expected digit before ".", did you mean "0.5"?'
    ),
}


async def test_misspelled_names_get_suggestions(service: Service) -> None:
    responses = {document: await service.query(document, variables) for document, variables, _ in MISSPELLED}
    first_messages = {document: body["errors"][0]["message"] for document, body in responses.items()}

    assert first_messages == {document: message for document, _, message in MISSPELLED}


async def test_syntax_errors_have_hints(service: Service) -> None:
    responses = {document: await service.query(document) for document in SYNTAX_HINTS}

    assert {document: body["errors"][0]["message"] for document, body in responses.items()} == SYNTAX_HINTS


async def test_no_name_is_suggested_where_the_schema_is_not_public() -> None:
    details = [detail for spec in PROVIDERS.values() for detail in spec.details]
    schema = build_schema(details, introspection=False)
    results = [
        schema.prepare_execution(schema.documents(document), None, variables, None)
        for document, variables, _ in MISSPELLED
    ]

    errors = [error for result in results if isinstance(result, list) for error in result]
    assert len(errors) >= len(MISSPELLED)
    assert [error.message for error in errors if "mean" in error.message] == []
