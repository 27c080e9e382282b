"""Retained documents are neither parsed nor validated again."""

import gc

from execution.document import MAX_DOCUMENT_CHARACTERS, DocumentCache

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
