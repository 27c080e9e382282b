"""The source of generated code for three selections, compared with the files in golden/.

`UPDATE_GOLDEN=1 pytest tests/execution/test_golden.py` writes the files again.
"""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from graphql import parse

from execution.compiled.selection import generated_source

from .animal_data import plain_dog
from .animals import SCHEMA, TRAITS
from .compiled import compiled_build

GOLDEN = Path(__file__).parent / "golden"
SELECTIONS = {  # the code of the dog, which the root resolver returns
    "leaves": "{ name loud years: age weight __typename }",
    "rows": "{ pack { name price { amount currency } } }",
    "abstract": "{ age twice thing { ... on Dog { name } ... on Cat { coat } } }",
}


@pytest.mark.parametrize("name", SELECTIONS)
async def test_generated_source_equals_the_golden_file(name: str) -> None:
    document, build = parse(f"{{ dog {SELECTIONS[name]} }}"), compiled_build(TRAITS)
    for _ in range(2):  # code is generated for the second execution
        executor = build(SCHEMA, document, SimpleNamespace(root=plain_dog()))
        await executor.execute_operation()
    (plans,) = build.keywords["plans"].values()
    (plan,) = plans.variants.values()
    ((_, selection),) = ((key, code) for key, code in plan.compiled.items() if key[0] == "Dog" and code)
    source, file = generated_source(selection), GOLDEN / f"{name}.py.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(source)

    assert source == file.read_text()
