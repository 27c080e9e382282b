"""Documents that come again are neither parsed nor checked again."""

import gc

from execution.document import MOST_TEXT, Documents

from .animals import SCHEMA


def test_a_document_that_passed_every_check_is_kept() -> None:
    documents = Documents(SCHEMA)
    documents.keep(documents("{ dog { name } }"))
    tree = id(documents("{ dog { name } }").tree)
    gc.collect()

    assert id(documents("{ dog { name } }").tree) == tree


def test_no_more_text_is_kept_than_the_bound_and_the_least_recently_used_leaves_first() -> None:
    documents = Documents(SCHEMA)
    texts = ["{ dog { name } }" + f"{number:04} ".rjust(MOST_TEXT // 4 - 20, "#") for number in range(5)]
    trees = []
    for number, text in enumerate(texts):
        documents.keep(documents(text))
        trees.append(id(documents(text).tree))
        documents(texts[0])
        assert documents.length <= MOST_TEXT, number

    assert [text in documents for text in texts] == [True, False, True, True, True]
