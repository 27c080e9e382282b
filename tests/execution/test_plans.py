"""The plans of a document: its operations find them by name, and they are freed with the document."""

import gc
import weakref
from types import SimpleNamespace
from typing import Any

from execution.compiled.compiler import Compiler
from execution.compiled.executor import CompiledExecutor
from execution.document import ParsedDocument
from execution.schema import Schema

from .animal_data import plain_dog
from .animals import TRAITS, Cat, Query

TEXT = "query A { dog { name } } query B { dog { name age } dogs { name } }"


def create_schema() -> Schema:
    return Schema(query=Query, types=[Cat], execution_context_class=CompiledExecutor, compiler=Compiler(TRAITS))


async def execute(schema: Schema, document: ParsedDocument, name: str | None = None) -> None:
    root = SimpleNamespace(root=plain_dog())
    executor: Any = schema.prepare_execution(document, name, None, None, root_value=root)
    result = executor.execute_operation()
    await result if executor.is_awaitable(result) else result


def compiled_selections(document: ParsedDocument) -> dict[str | None, list[Any]]:
    """Return the compiled selections of each operation, by its name."""
    return {
        name: [code for plan in plans.variants.values() for code in plan.compiled.values() if code]
        for name, plans in document.plans.items()
    }


async def test_each_operation_of_a_document_has_its_own_plans() -> None:
    schema = create_schema()
    document = schema.documents(TEXT)
    for name in ("A", "A", "B"):
        await execute(schema, document, name)

    assert {name: len(codes) for name, codes in compiled_selections(document).items()} == {"A": 1, "B": 0}


async def test_an_operation_has_the_same_plans_with_and_without_its_name() -> None:
    schema = create_schema()
    document = schema.documents("query A { dog { name } }")
    for name in ("A", None):
        await execute(schema, document, name)

    assert {name: len(codes) for name, codes in compiled_selections(document).items()} == {"A": 1}


async def test_plans_are_freed_with_the_document() -> None:
    schema = create_schema()
    document = schema.documents("{ dog { name } }")
    for _ in range(2):
        await execute(schema, document)
    ((selection,),) = compiled_selections(document).values()
    freed = weakref.ref(selection.complete)
    del selection, document
    assert freed() is not None  # the schema retains the document

    schema.documents = type(schema.documents)(schema._schema)
    gc.collect()

    assert freed() is None


async def test_a_method_has_one_converter_per_schema() -> None:
    schema, other = create_schema(), create_schema()
    for text in ("{ dogs { times(n: 1) } }", "{ dogs { again: times(n: 2) } }"):
        for _ in range(2):
            await execute(schema, schema.documents(text))

    compilers: Any = schema.compiler, other.compiler
    assert [[field.python_name for field in compiler.converters] for compiler in compilers] == [["times"], []]
