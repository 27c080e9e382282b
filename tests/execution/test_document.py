"""Retained documents are neither parsed nor validated again."""

import asyncio
import gc

import pytest
from graphql import GraphQLSyntaxError
from graphql.language import Token

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


def test_a_document_is_freed_without_the_garbage_collector() -> None:
    with no_garbage_collection():
        before = live_ids(Token)
        DocumentCache(SCHEMA)("{ " + "dog { name } " * 100 + "}")
        with pytest.raises(GraphQLSyntaxError):
            DocumentCache(SCHEMA)("{ dog { name } ")

        assert live_ids(Token) - before == set()
