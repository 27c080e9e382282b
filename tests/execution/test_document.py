"""Retained documents are neither parsed nor validated again."""

import asyncio
import gc

import pytest
from graphql import GraphQLSyntaxError
from graphql.language import Node, Token

from execution.document import MAX_DOCUMENT_CHARACTERS, DocumentCache
from execution.turns import Turns, Work
from tests.garbage import live_ids, no_garbage_collection

from .animals import SCHEMA


def test_retained_document_is_not_parsed_again() -> None:
    documents = DocumentCache(SCHEMA)
    documents.retain(documents("{ dog { name } }"))
    tree = id(documents("{ dog { name } }").tree)
    gc.collect()

    assert id(documents("{ dog { name } }").tree) == tree


def test_document_cache_drops_least_recently_used() -> None:
    documents = DocumentCache(SCHEMA)
    texts = ["{ dog { name } }" + f"{number:04} ".rjust(MAX_DOCUMENT_CHARACTERS // 4 - 20, "#") for number in range(5)]
    trees = []
    for number, text in enumerate(texts):
        documents.retain(documents(text))
        trees.append(id(documents(text).tree))
        documents(texts[0])
        assert documents.text_length <= MAX_DOCUMENT_CHARACTERS, number

    assert [text in documents for text in texts] == [True, False, True, True, True]


async def test_the_comparisons_of_fields_run_in_turns() -> None:
    arguments = [f"a: dog(x{number}: {number}) {{ name }}" for number in range(60)]
    steps = 0

    async def count_steps() -> None:
        nonlocal steps
        while True:
            await asyncio.sleep(0)
            steps += 1

    counting = asyncio.create_task(count_steps())
    document = DocumentCache(SCHEMA)("{" + " ".join(arguments) + "}")
    await Work(Turns(0)).run(lambda: document.validation_errors)
    counting.cancel()

    assert steps > 60 * 59 / 2  # each field is compared with each other one


def test_a_document_keeps_no_tokens() -> None:
    with no_garbage_collection():
        before = live_ids(Token)
        document = DocumentCache(SCHEMA)("{ " + "dog { name } " * 100 + "}")
        with pytest.raises(GraphQLSyntaxError):
            DocumentCache(SCHEMA)("{ dog { name } ")

        assert live_ids(Token) - before == set()
        assert document.tree.loc
        assert document.tree.loc.end == 1303


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("{ dog { name } }", 0),
        ("{ dog { name nothing } }", 1),
        ("{ dog { " + "nothing " * 20 + "} }", 10),  # validation ends at the last one
        ("{" + " ".join(f"a: dog(x{number}: {number}) {{ name }}" for number in range(150)) + "}", 1),
        ("{ dog { ...F } } fragment F on Dog { name }", 0),
        ("{ " + "dog { name } " * 100 + "}", 0),
    ],
)
def test_a_validated_document_is_freed_without_the_garbage_collector(text: str, errors: int) -> None:
    with no_garbage_collection():
        before = live_ids(Node)
        assert len(DocumentCache(SCHEMA)(text).validation_errors) == errors

        assert live_ids(Node) - before == set()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{ dog @nothing { name } }", "Unknown directive '@nothing'."),
        (
            "{ dog { name @skip(if: true) @skip(if: true) } }",
            "The directive '@skip' can only be used once at this location.",
        ),
        ("{ dog { name @skip(if: $x) } }", "Variable '$x' is not defined."),
        ("query ($x: Int) { dog { name } }", "Variable '$x' is never used."),
    ],
)
def test_rules_of_variables_and_directives(text: str, message: str) -> None:
    assert [error.message for error in DocumentCache(SCHEMA)(text).validation_errors] == [message]
