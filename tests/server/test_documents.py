"""Documents and variables that are wrong, and ids that are odd: what is said of them."""

from typing import Any

from tests.harness import Service

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
        r"Syntax Error: Invalid Unicode escape sequence: '\ud800'.",
    ),
    ("{ a" * 20_000, {}, "GRAPHQL_PARSE_FAILED", "Syntax Error: Document is nested too deeply. Parsing aborted."),
    ("{ pay }", {}, "GRAPHQL_VALIDATION_FAILED", "Cannot query field 'pay' on type 'Query'."),
    ("query ($x: ID) { providers { id } }", {}, "GRAPHQL_VALIDATION_FAILED", "Variable '$x' is never used."),
    (
        "query ($id: Int) { node(id: $id) { id } }",
        {},
        "GRAPHQL_VALIDATION_FAILED",
        "Variable '$id' of type 'Int' used in position expecting type 'ID!'.",
    ),
    (
        ACCOUNT,
        {},
        "BAD_USER_INPUT",
        "Variable '$id' has invalid value: Expected a value of non-null type 'ID!' to be provided.",
    ),
    (
        ACCOUNT,
        {"id": None},
        "BAD_USER_INPUT",
        "Variable '$id' has invalid value: Expected value of non-null type 'ID!' not to be null.",
    ),
    (ACCOUNT, {"id": []}, "BAD_USER_INPUT", "Variable '$id' has invalid value: ID cannot represent value: []"),
    (
        FIRST,
        {"n": 10**12},
        "BAD_USER_INPUT",
        "Variable '$n' has invalid value: Int cannot represent non 32-bit signed integer value: 1000000000000",
    ),
    (
        ORDER,
        {"o": None},
        "BAD_USER_INPUT",
        "Argument 'orderBy' has invalid value: "
        "Expected variable '$o' provided to non-null type 'InvoiceOrder!' not to be null.",
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


async def test_errors_of_the_document_and_of_its_variables_have_their_codes(service: Service) -> None:
    answers = [await service.query(document, variables) for document, variables, _, _ in DOCUMENTS]
    found = [[(error["extensions"]["code"], error["message"]) for error in answer["errors"]] for answer in answers]

    assert found == [[(code, message)] for _, _, code, message in DOCUMENTS]
    assert [answer.get("data") for answer in answers] == [None] * len(DOCUMENTS)


async def test_an_odd_id_is_that_of_nothing(service: Service) -> None:
    found = {odd: await service.data(ACCOUNT, {"id": odd}) for odd in ODD_IDS}

    nothing = {"account": None, "node": None, "invoice": None}
    assert found == dict.fromkeys(ODD_IDS, nothing)
