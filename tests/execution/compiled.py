"""Builds compiled executors for a document node, with plans that a test can inspect."""

from functools import partial
from typing import Any

from execution.columns import ScalarTraits
from execution.compiled.compiler import Compiler
from execution.compiled.executor import CompiledExecutor


def compiled_build(traits: ScalarTraits | None = None) -> partial[Any]:
    """Return CompiledExecutor.build with a new compiler and plans of its own, for one schema and one document."""
    return partial(CompiledExecutor.build, compiler=Compiler(traits or ScalarTraits()), plans={})
